'use strict';

// Measures the verification of the built gateway, alone in its process: corpus files in, figures out as JSON. No test runner, no compiler, nothing else
// on the main thread. `node --expose-gc measure-child.cjs time FOLDER [FILES]`, `memory FOLDER FILE`, `growth FOLDER`, `replace FOLDER`.
const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { Worker } = require('node:worker_threads');

const [mode, folder, ...names] = process.argv.slice(2);
// Before the gateway is loaded, whose threads it meets.
const collect = mode === 'growth' ? require('./collect-thread.cjs').install() : undefined;
const dist = join(__dirname, '..', '..', 'dist', 'src');
const { VerificationService } = require(join(dist, 'verification'));
const { parseSettings, resolveConfig } = require(join(dist, 'config'));
const { Log, Metrics } = require(join(dist, 'telemetry'));

const { honest, tip, cases } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
const read = (file) => readFileSync(join(folder, file));
const MEGABYTE = 1024 * 1024;

// Every root is confirmed: what is measured is what a stranger's bytes cost, and a root that is refused would spare the scripts.
const chain = {
  findTip: async () => tip,
  recallTip: () => tip,
  judgeRoots: async (roots) => roots.map(() => 'OK'),
  judgeRootsUnder: async (_, roots) => roots.map(() => 'OK'),
};

// Nothing is remembered: the same bytes cost the same each time, as a stranger's new ones would.
const verdicts = {
  findKnown: async (graph) => new Uint8Array(graph.txids.length / 32),
  remember: () => undefined,
};

const openService = () => {
  const config = resolveConfig(
    parseSettings({ identityKey: '11'.repeat(32), metricsPort: 0, verificationWorkers: 1, logLevel: 'silent' }),
  );
  return new VerificationService(config, chain, new Metrics(), new Log({ level: 'silent' }), verdicts);
};

const codeOf = (verdict) => (verdict.ok ? 'accepted' : verdict.rejection.code);

/** Until the threads are up, the code is warm and its leavings are gone: what is measured afterwards is hostile bytes and not a start. */
const warm = async (service) => {
  const bytes = read(honest);
  for (let count = 0; count < 400; count += 1) {
    const code = codeOf(await service.verify(bytes));
    if (code === 'verification-busy') await new Promise((resolve) => setTimeout(resolve, 10));
    else if (code !== 'accepted') throw new Error(`The honest BEEF is refused: ${code}.`);
  }
  // What loading and compiling left behind is not the first case's to collect.
  globalThis.gc();
};

const timed = async (act) => {
  const start = performance.now();
  const value = await act();
  return { value, ms: performance.now() - start };
};

const measureTime = async (service) => {
  const honestBytes = read(honest);
  const figures = [];
  for (const { file, requests, code, ...rest } of cases) {
    if (names.length > 0 && !names.includes(file)) continue;
    const bytes = read(file);
    const codes = {};
    const walls = [];
    const lag = monitorEventLoopDelay({ resolution: 1 });
    // The code paths of this one case are warmed too: a JIT pause is not its cost.
    await service.verify(bytes);
    await service.verify(bytes);
    lag.enable();
    const cpu = process.cpuUsage();
    for (let count = 0; count < requests; count += 1) {
      const { value, ms } = await timed(() => service.verify(bytes));
      const answered = codeOf(value);
      codes[answered] = (codes[answered] ?? 0) + 1;
      walls.push(ms);
    }
    lag.disable();
    const { user, system } = process.cpuUsage(cpu);
    const next = await timed(() => service.verify(honestBytes));
    figures.push({
      ...rest,
      code,
      codes,
      walls,
      cpuMs: (user + system) / 1_000 / requests,
      lagMs: Math.max(0, lag.max / 1e6 - 1),
      honest: codeOf(next.value),
      honestMs: next.ms,
    });
  }
  return figures;
};

/** High-water mark of resident memory, set back first where the system can do that. */
const resetPeak = () => {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Not Linux: the peak of the process stands, which warming up has set.
  }
};
const peak = () => {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'latin1'))[1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
};

const measureMemory = async (service) => {
  const bytes = read(names[0]);
  globalThis.gc();
  resetPeak();
  const before = process.memoryUsage().rss;
  await service.verify(bytes);
  return { extraMb: Math.max(0, peak() - before) / MEGABYTE };
};

const measureGrowth = async (service) => {
  const rounds = [];
  for (let round = 0; round < 12; round += 1) {
    for (const { file } of cases) await service.verify(read(file));
    const held = await collect();
    rounds.push({ heldMb: held / MEGABYTE, residentMb: process.memoryUsage().rss / MEGABYTE });
  }
  return { rounds };
};

/** Until all threads stand again that stood before, the one that stands by included. */
const untilWhole = async (pool, standing) => {
  while (pool.state().standing < standing) await new Promise((resolve) => setImmediate(resolve));
};

/**
 * Workers that loop for ever (0xee) or eat their memory (0xed) at a word: how long after the kill is the next honest BEEF answered, by as many threads as
 * may work, and how long until a new thread stands in for the one that died? A loop is killed at its deadline; who eats memory when the engine says that there is none.
 */
const measureReplacement = async () => {
  const { VerificationPool } = require(join(dist, 'verification', 'verification.pool'));
  const file = join(folder, 'hostile-worker.cjs');
  const worker = JSON.stringify(join(dist, 'verification', 'verification-worker.js'));
  writeFileSync(
    file,
    `require('node:worker_threads').parentPort.on('message', ({ octets }) => {
       if (octets && octets[0] === 0xee) for (;;);
       const kept = [];
       if (octets && octets[0] === 0xed) for (;;) kept.push(new Array(100_000).fill(0.5).map((each) => [each]));
     });
     require(${worker});`,
  );
  const entry = { file, execArgv: [] };
  const settings = { workers: 2, queueMax: 4, timeoutMs: 2_000, memoryMb: 64, waitMs: 20_000, entry };
  const pool = new VerificationPool(settings);
  const context = { tipHeight: tip.height, medianTimePast: tip.medianTimePast, network: 'devnet' };
  const ask = (bytes) => pool.run({ op: 'read', octets: new Uint8Array(bytes), context });
  let outOfMemoryAt = 0;
  const emit = Worker.prototype.emit;
  Worker.prototype.emit = function (event, ...rest) {
    if (event === 'error') outOfMemoryAt = performance.now();
    return emit.call(this, event, ...rest);
  };
  const replaced = [];
  for (let round = 0; round < 8; round += 1) {
    await untilWhole(pool, settings.workers + 1);
    const way = round % 2 === 0 ? 'overruns' : 'outgrows';
    const begun = performance.now();
    const killed = await ask(Uint8Array.of(way === 'overruns' ? 0xee : 0xed));
    const killedAt = way === 'overruns' ? begun + settings.timeoutMs : outOfMemoryAt;
    const next = await ask(read(honest));
    const servedMs = performance.now() - killedAt;
    const { ready } = pool.state();
    await untilWhole(pool, settings.workers + 1);
    const wholeMs = performance.now() - killedAt;
    replaced.push({ way, killed: killed.kind, next: next.answer?.op ?? next.kind, ready, servedMs, wholeMs });
  }
  const { restarts } = pool.state();
  await pool.close();
  return { replaced, workers: settings.workers, restarts };
};

const main = async () => {
  if (mode === 'replace') return void process.stdout.write(JSON.stringify(await measureReplacement()));

  const service = openService();
  await warm(service);
  const measure = { time: measureTime, memory: measureMemory, growth: measureGrowth }[mode];
  const figures = await measure(service);
  await service.onApplicationShutdown();
  process.stdout.write(JSON.stringify(figures));
};

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
