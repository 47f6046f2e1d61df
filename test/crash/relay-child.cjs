'use strict';
// One relay process of the build, to be killed by relay-kill.spec.ts. It says on standard output when it has reached the point named by its
// first argument, and then never goes on.
const { DataSource } = require('typeorm');
const { createArcBroadcaster } = require('../../dist/src/broadcast/arc');
const { PinnedHttpClient, buildEgressPolicy } = require('../../dist/src/egress');
const { NotificationListener } = require('../../dist/src/database');
const { RelayRunner } = require('../../dist/src/relay/relay.runner');
const { Log } = require('../../dist/src/telemetry');
const { entities, findHeaderTip } = require('../../dist/libs/ledger/src');

const [, , point, databaseUrl, devnetUrl] = process.argv;
const reached = () => new Promise(() => process.stdout.write(`reached ${point}\n`));

const arc = createArcBroadcaster(new PinnedHttpClient(buildEgressPolicy([devnetUrl])), { url: `${devnetUrl}/arc` });
const broadcaster = {
  name: 'arc',
  async broadcast(txid, extendedFormat, signal) {
    if (point === 'before-send') await reached();
    const outcome = await arc.broadcast(txid, extendedFormat, signal);
    if (point === 'after-send') await reached();
    return outcome;
  },
  async fetchStatus(txid, signal) {
    if (point === 'after-settle') await reached();
    const status = await arc.fetchStatus(txid, signal);
    if (point === 'proof-fetched' && status.bump !== undefined) await reached();
    return status;
  },
};

const main = async () => {
  const database = await new DataSource({
    type: 'postgres',
    schema: 'portcullis',
    entities: [...entities],
    poolSize: 5,
    extra: { connectionString: databaseUrl, options: '-c role=portcullis_app' },
  }).initialize();
  const context = {
    database,
    broadcaster,
    log: new Log({ level: 'silent' }),
    metrics: { countSettlement() {} },
    pollMs: 50,
  };
  await new RelayRunner(context, {
    databaseUrl,
    migrationUrl: databaseUrl,
    redisUrl: undefined,
    chainTracker: { findTip: () => findHeaderTip(database) },
    notifications: new NotificationListener(databaseUrl, () => undefined),
    finalDepth: 3,
    drainMs: 1_000,
  }).start();
};

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
