import {
  buildPlainTransaction,
  createTestDatabase,
  outpointOf,
  planPlainCommit,
  plantBreach,
  randomOutpoint,
} from '#testkit';
import type { TestDatabase } from '#testkit';
import { commitTransition } from './commit-transition';
import { evictOutput } from './evict-output';
import { fsck } from './fsck';
import { retractTransition } from './retract-transition';

let database: TestDatabase;

/** A chain of two, a retracted one and an evicted one. */
beforeAll(async () => {
  database = await createTestDatabase();
  const db = database.dataSource;
  const parent = buildPlainTransaction([randomOutpoint()]);
  const coins = [{ txid: parent.txid, vout: 0, retain: true }];
  const child = buildPlainTransaction([outpointOf(parent)]);
  const refused = buildPlainTransaction([randomOutpoint()]);
  const evicted = buildPlainTransaction([randomOutpoint()]);
  const plans = [
    { subject: parent },
    { subject: child, ancestors: [parent], coins },
    { subject: refused },
    { subject: evicted },
  ];
  for (const plan of plans) expect(await commitTransition(db, planPlainCommit(plan))).toMatchObject({ ok: true });
  await retractTransition(db, refused.txid, 'refused');
  const by = { organisation: 'acme', identityKey: 'key of acme', requestId: 'r' };
  expect(await evictOutput(db, { outpoint: outpointOf(evicted), reason: 'unlawful', ...by })).toMatchObject({
    ok: true,
  });
}, 90_000);
afterAll(() => database.drop());

const plants: readonly (readonly [string, string, readonly string[]])[] = [
  ['I2', 'an act lacks its audit leaf', [`update portcullis.audited_act set organisation = 'other'`]],
  ['I2', 'two acts', [`update portcullis.audited_act set leaf_index = 0`]],
  ['I2', 'acts: ', [`delete from portcullis.audited_act`]],
  ['I13', 'topic tm_test says', [`update portcullis.topic_state set unspent = unspent + 1`]],
  ['I13', 'topic tm_test says', [`update portcullis.topic_state set transitions = transitions + 1`]],
  ['I13', 'topic tm_test says', [`delete from portcullis.topic_state`]],
  ['I13', 'the digest of topic tm_test', [`update portcullis.topic_state set digest = digest + 1`]],
  [
    'I13',
    'the digest of topic tm_test',
    [`update portcullis.topic_output set locking_script = 'x' where spent_by is null`],
  ],
  ['I14', 'a transition was never told', [`delete from portcullis.topic_event where position = 0`]],
  ['I14', 'a retraction was never told', [`delete from portcullis.topic_event where kind = 'retracted'`]],
  [
    'I14',
    'a retraction is told that was not',
    [`update portcullis.transition set settlement = 'applied' where settlement = 'retracted'`],
  ],
  [
    'I14',
    'told twice',
    [
      `insert into portcullis.topic_event select topic, position + 1000, kind, transition_id, txid, admitted, spent, at from portcullis.topic_event where position = 0`,
    ],
  ],
  [
    'I14',
    'not of its transition',
    [`update portcullis.topic_event set position = position + 1000 where kind = 'applied'`],
  ],
  ['I14', 'not of its transition', [`update portcullis.topic_event set txid = 'x' where position = 0`]],
  ['I14', 'not at its leaf', [`update portcullis.topic_event set at = at + interval '1 second' where position = 0`]],
  [
    'I14',
    'not at its leaf',
    [`update portcullis.topic_event set position = 0, topic = 'tm_other' where kind = 'evicted'`],
  ],
  [
    'I14',
    'one leaf tells of two',
    [`update portcullis.topic_event set position = 0, topic = 'tm_other' where position = 1`],
  ],
  ['I14', 'an output was never told', [`update portcullis.topic_event set admitted = '{}' where position = 0`]],
  ['I14', 'an eviction was never told', [`delete from portcullis.topic_event where kind = 'evicted'`]],
  [
    'I14',
    'an eviction is told that was not',
    [`update portcullis.topic_output set evicted_leaf = null, evicted_reason = null`],
  ],
  ['I14', 'a spend was never told', [`update portcullis.topic_event set spent = '[]'`]],
];

describe('fsck of the topics', () => {
  it('finds nothing wrong in a ledger that was only used as meant', async () => {
    expect((await fsck(database.dataSource)).filter(({ ok }) => !ok)).toEqual([]);
  });

  it.each(plants)('finds a planted breach of %s: %s', async (invariant, sentence, statements) => {
    expect((await plantBreach(database.owner, statements)).get(invariant)).toContain(sentence);
  });
});
