'use strict';
// One process of the build that feeds a lookup service in its thread, to be killed by lookup-feed-kill.spec.ts. It says on standard output when it has told the
// notice of the number that it was given and recorded nothing of it, and then never goes on.
const { DataSource } = require('typeorm');
const { entities } = require('../../dist/libs/ledger/src');
const { StoredCursor } = require('../../dist/src/lookup/feed/feed-cursor');
const { LookupFeed } = require('../../dist/src/lookup/feed/lookup-feed.runner');
const { openExtensions } = require('../../dist/src/topics/open-extensions');
const { hostLookup } = require('../../dist/src/topics/host-lookup');

const [, , databaseUrl, file, dieAfter] = process.argv;
const service = 'ls_file';

const main = async () => {
  const database = await new DataSource({
    type: 'postgres',
    schema: 'portcullis',
    entities: [...entities],
    poolSize: 3,
    extra: { connectionString: databaseUrl, options: '-c role=portcullis_app' },
  }).initialize();
  const entry = { name: service, module: `${__dirname}/lookup-feed-service.cjs`, options: { file } };
  const [{ thread }] = await openExtensions({
    config: { topics: [entry], topicTimeoutMs: 10_000, topicMemoryMb: 64 },
    onLine: () => undefined,
    onReplaced: () => undefined,
  });
  const hosted = hostLookup({ name: service, storage: 'own', thread, count() {}, report() {} });
  let told = 0;
  const tell = async (notice) => {
    const answer = await hosted.tell(notice);
    told += 1;
    if (told === Number(dieAfter)) await new Promise(() => process.stdout.write('reached\n'));
    return answer;
  };
  const { name, admissionMode, spendNotificationMode } = hosted;
  new LookupFeed({
    database,
    lookup: { name, admissionMode, spendNotificationMode, tell },
    cursor: new StoredCursor(database, service, 60_000),
    log: { write() {} },
    pollMs: 50,
  }).start();
};

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
