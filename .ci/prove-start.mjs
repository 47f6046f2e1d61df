// Proves the promise of the README on a fresh clone: ready within 90 s with the install, within 8 s the second time.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const FIRST_MS_MAX = 90_000;
const SECOND_MS_MAX = 8_000;
const GIVE_UP_MS = 240_000;
const POLL_MS = 50;
const clone = process.argv[2];

function start() {
  const startedAt = performance.now();
  const env = { ...process.env, PORTCULLIS_PORT: '0', PORTCULLIS_METRICS_PORT: '0', PORTCULLIS_DEVNET_PORT: '0' };
  const child = spawn('npm', ['start'], { cwd: clone, env, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
  const ready = new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('not ready in time')), GIVE_UP_MS);
    createInterface({ input: child.stdout }).on('line', (line) => {
      const url = /^ +api +(http\S+)/u.exec(line)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve({ url, startedAt });
    });
    exited.then((code) => {
      clearTimeout(timer);
      reject(new Error(`npm start ended with ${code} before it was ready`));
    });
  });
  return { child, ready, exited };
}

async function prove(name, limitMs) {
  const gateway = start();
  try {
    const { url, startedAt } = await gateway.ready;
    // Ready to serve is what /health/ready says: the line on stdout comes when the port is open, the chain may follow it.
    let status = 0;
    while (status !== 200 && performance.now() - startedAt < GIVE_UP_MS) {
      ({ status } = await fetch(`${url}/health/ready`));
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    const elapsedMs = performance.now() - startedAt;
    console.log(
      `${name} start: ready after ${(elapsedMs / 1000).toFixed(1)} s (limit ${limitMs / 1000} s), /health/ready ${status}`,
    );
    if (elapsedMs > limitMs) throw new Error(`${name} start took too long`);
    if (status !== 200) throw new Error(`/health/ready answered ${status}`);
  } finally {
    // The group: npm, and the gateway that it started. The database is in a group of its own and must be stopped by the gateway.
    if (gateway.child.exitCode === null) process.kill(-gateway.child.pid, 'SIGTERM');
    await gateway.exited;
  }
}

try {
  await prove('first', FIRST_MS_MAX);
  await prove('second', SECOND_MS_MAX);
} catch (error) {
  console.log(`not proven: ${error.message}`);
  process.exitCode = 1;
}
