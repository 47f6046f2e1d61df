'use strict';
// The verification of one gateway of the build, in a process of its own on the database that it is told: chain tracker, memory of verdicts, pool and threads.
// One line in, `ID FILE`: verify what the file holds. One line out, `ID CODE COUNTS`. It ends when its standard input does.
const { readFileSync } = require('node:fs');
const { createInterface } = require('node:readline');
const { ChainTrackerService } = require('../../dist/src/chain');
const { parseSettings, resolveConfig } = require('../../dist/src/config');
const { openDataSource } = require('../../dist/src/database/open-data-source');
const { ScriptVerdicts, VerificationService } = require('../../dist/src/verification');

const counts = {};
const metrics = {
  gauge: () => undefined,
  counter:
    (name) =>
    (amount, labels = {}) => {
      const key = [name, ...Object.values(labels)].join(' ');
      if (amount > 0) counts[key] = (counts[key] ?? 0) + amount;
    },
};
const log = { write: () => undefined };

const main = async () => {
  const [, , settings] = process.argv;
  const config = resolveConfig(parseSettings(JSON.parse(settings)));
  const database = await openDataSource(config);
  const verdicts = new ScriptVerdicts(config, database, metrics, log);
  const service = new VerificationService(config, new ChainTrackerService(database), metrics, log, verdicts);
  while (!(await service.check()).ok) await new Promise((resolve) => setImmediate(resolve));
  process.stdout.write('ready\n');

  const answer = async (line) => {
    const [id, file] = line.split(' ');
    const verdict = await service.verify(readFileSync(file));
    process.stdout.write(`${id} ${verdict.ok ? 'ok' : verdict.rejection.code} ${JSON.stringify(counts)}\n`);
  };
  const asked = [];
  for await (const line of createInterface({ input: process.stdin })) asked.push(answer(line));
  await Promise.all(asked);
  await service.onApplicationShutdown();
  await verdicts.beforeApplicationShutdown();
  await database.destroy();
};

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
