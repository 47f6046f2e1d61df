import { sha256 } from '#atomic-core';
import {
  buildPlainTransaction,
  createTestDatabase,
  outpointOf,
  planPlainCommit,
  plantBlock,
  plantBreach,
  randomOutpoint,
} from '#testkit';
import type { TestDatabase } from '#testkit';
import { commitTransition } from './commit-transition';
import { fsck } from './fsck';
import { findOrCreateQuote } from './quotes';
import { retractTransition } from './retract-transition';
import { claimNonce, openSession } from './sessions';
import { applyProof } from './settlement';

let database: TestDatabase;

/** One of everything: a chain of two, a paid one, a retracted one, a mined one, a session with a nonce. */
beforeAll(async () => {
  database = await createTestDatabase();
  const db = database.dataSource;
  const parent = buildPlainTransaction([randomOutpoint()]);
  const coins = [{ txid: parent.txid, vout: 0, retain: false }];
  const child = buildPlainTransaction([outpointOf(parent)]);
  const mined = buildPlainTransaction([randomOutpoint()]);
  const refused = buildPlainTransaction([randomOutpoint()]);
  const requestDigest = sha256(Buffer.of(1));
  await findOrCreateQuote(db, {
    prefix: 'terms',
    organisation: 'acme',
    identityKey: 'key of acme',
    requestDigest,
    method: 'POST',
    path: '/',
    satoshis: 200,
    ttlMs: 60_000,
  });
  const paid = { transaction: buildPlainTransaction([randomOutpoint()], [200]), vout: 0, prefix: 'terms' };
  const plans = [
    { subject: parent },
    { subject: child, ancestors: [parent], coins },
    { subject: buildPlainTransaction([randomOutpoint()]), requestDigest, payment: paid },
    { subject: mined },
    { subject: refused },
  ];
  for (const plan of plans) expect(await commitTransition(db, planPlainCommit(plan))).toMatchObject({ ok: true });
  await retractTransition(db, refused.txid, 'refused');
  const block = await plantBlock(database.owner, 7, mined.txid);
  await applyProof(db, { txid: mined.txid, bump: Buffer.of(1), blockHash: block.hash, height: 7 });
  await openSession(db, { sessionNonce: 's', identityKey: 'k', peerNonce: 'p', ttlMs: 60_000 });
  await claimNonce(db, 's', 'n');
}, 90_000);
afterAll(() => database.drop());

const drop = (table: string, constraint: string): string =>
  `alter table portcullis.${table} drop constraint ${constraint} cascade`;
const live = `(select id from portcullis.transition where settlement = 'applied' limit 1)`;
const retracted = `(select id from portcullis.transition where settlement = 'retracted' limit 1)`;
const noAuditTrigger = 'alter table portcullis.audit_leaf disable trigger user';

const plants: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'I1',
    'spent more than once',
    [
      drop('spent_outpoint', 'spent_outpoint_pkey'),
      `insert into portcullis.spent_outpoint select outpoint, sha256(spender_txid) from portcullis.spent_outpoint limit 1`,
    ],
  ],
  [
    'I1',
    'refused transaction holds a spend',
    [
      `insert into portcullis.spent_outpoint select txid || '\\x00000009'::bytea, txid from portcullis.transaction where refused_at is not null`,
    ],
  ],
  [
    'I1',
    'name different spenders',
    [`update portcullis.topic_output set spent_by = sha256(spent_by) where spent_by is not null`],
  ],
  [
    'I1',
    'unspent though its spender',
    [`update portcullis.topic_output set spent_by = null where spent_by is not null`],
  ],
  ['I1', 'the basket goods', [`update portcullis.basket_output set removed_by = null where removed_by is not null`]],
  ['I2', 'spends nothing', [`delete from portcullis.spent_outpoint`]],
  ['I2', 'no outbox row', [`delete from portcullis.outbox`]],
  ['I2', 'a transition lacks its audit leaf', [`update portcullis.transition set leaf_index = 999 where id = ${live}`]],
  ['I2', 'a payment lacks its audit leaf', [`update portcullis.payment_claim set leaf_index = null`]],
  ['I2', 'stands for two acts', [`update portcullis.transition set leaf_index = 0`]],
  ['I2', 'audit leaves: ', [`insert into portcullis.audit_leaf (organisation, leaf) values ('acme', 'stray')`]],
  ['I2', 'named by a live transition and not applied', [`delete from portcullis.applied_transaction`]],
  ['I2', 'has no applied transaction', [`update portcullis.applied_transaction set topic = 'tm_else'`]],
  [
    'I3',
    'claimed more than once',
    [
      drop('payment_claim', 'payment_claim_pkey'),
      drop('payment_claim', 'payment_claim_prefix_key'),
      'drop index portcullis.payment_claim_transition',
      `insert into portcullis.payment_claim (outpoint, prefix, organisation, identity_key, request_digest, satoshis) select outpoint, prefix, organisation, identity_key, request_digest, satoshis from portcullis.payment_claim`,
    ],
  ],
  [
    'I3',
    'named after another payment',
    [`update portcullis.payment_quote set payer = identity_key where claimed_at is not null`],
  ],
  ['I3', 'smaller than its terms', [`update portcullis.payment_claim set satoshis = 199`]],
  ['I3', 'another request than its terms', [`update portcullis.payment_quote set claimed_at = null`]],
  [
    'I3',
    'paid by the claim of another request',
    [`update portcullis.transition set request_digest = sha256(request_digest)`],
  ],
  ['I4', 'taken twice', [drop('auth_nonce', 'auth_nonce_pkey'), `insert into portcullis.auth_nonce values ('s', 'n')`]],
  [
    'I4',
    'outlives its session',
    [drop('auth_nonce', 'auth_nonce_session_nonce_fkey'), `delete from portcullis.auth_session`],
  ],
  [
    'I5',
    'hold one request key',
    [drop('transition', 'transition_request'), `update portcullis.transition set request_key = 'same'`],
  ],
  ['I5', 'no receipt of its own', [`update portcullis.transition set receipt = null where id = ${live}`]],
  [
    'I7',
    'an illegal step',
    [
      `insert into portcullis.settlement_event (transition_id, seq, settlement, detail) values (${live}, 1, 'final', '{}')`,
    ],
  ],
  ['I7', 'does not end where it stands', [`update portcullis.transition set settlement = 'seen' where id = ${live}`]],
  ['I7', 'settled without a proof', [`update portcullis.transition set settlement = 'mined' where id = ${live}`]],
  ['I7', 'a payment settled without', [`update portcullis.payment_claim set settlement = 'mined'`]],
  ['I7', 'proven and not settled', [`update portcullis.transition set settlement = 'seen' where settlement = 'mined'`]],
  [
    'I7',
    'a payment is proven and not settled',
    [
      `update portcullis.transaction set bump = raw, bump_root = txid, block_hash = txid, block_height = 7 where txid in (select txid from portcullis.payment_claim)`,
    ],
  ],
  ['I7', 'not on the best chain', [`update portcullis.block_header set is_best = false`]],
  ['I8', 'still applied', [`insert into portcullis.applied_transaction values ('tm_test', 'x', ${retracted})`]],
  ['I8', 'an output of a retracted', [`update portcullis.topic_output set retracted = false`]],
  ['I8', 'fills a basket', [`update portcullis.basket_output set retracted = false`]],
  [
    'I8',
    'stands on a refused',
    [
      `update portcullis.transaction set refused_at = now() where bump is null and txid in (select substring(outpoint from 1 for 32) from portcullis.spent_outpoint)`,
    ],
  ],
  ['I8', 'is of a refused', [`update portcullis.transaction set refused_at = now() where bump is null`]],
  ['I9', 'does not follow', [noAuditTrigger, `update portcullis.audit_leaf set leaf = 'forged' where index = 2`]],
  ['I9', 'does not follow', [noAuditTrigger, `delete from portcullis.audit_leaf where index = 1`]],
  [
    'I9',
    'head of the audit is not',
    [noAuditTrigger, `delete from portcullis.audit_leaf where index = (select max(index) from portcullis.audit_leaf)`],
  ],
  ['I9', 'head of the audit is missing', [`delete from portcullis.audit_head`]],
  ['I11', 'a basket row', [`update portcullis.basket_output set organisation = 'other'`]],
  ['I11', 'an outbox row', [`update portcullis.outbox set organisation = 'other'`]],
  ['I11', 'a payment is of', [`update portcullis.payment_claim set organisation = 'other'`]],
  [
    'I11',
    'a receipt names',
    [`update portcullis.transition set receipt = jsonb_set(receipt, '{basketsRemoved}', '[{"basket": "theirs"}]')`],
  ],
  [
    'I12',
    'topic tm_test',
    [`delete from portcullis.applied_transaction where txid in (select spent_by from portcullis.topic_output)`],
  ],
  ['I12', 'not in its transaction', [`update portcullis.topic_output set satoshis = satoshis + 1`]],
];

describe('fsck', () => {
  it('finds nothing wrong in a ledger that was only used as meant', async () => {
    const findings = await fsck(database.dataSource);
    expect(findings.filter(({ ok }) => !ok)).toEqual([]);
    expect(findings.map(({ invariant }) => invariant)).toEqual([
      'I1',
      'I2',
      'I3',
      'I4',
      'I5',
      'I7',
      'I8',
      'I9',
      'I11',
      'I12',
      'I13',
      'I14',
      'I15',
      'I16',
      'I17',
      'I18',
      'I19',
      'I20',
      'I24',
      'I25',
      'I26',
      'I27',
      'I28',
      'I31',
      'I34',
    ]);
  });

  it.each(plants)('finds a planted breach of %s: %s', async (invariant, sentence, statements) => {
    expect((await plantBreach(database.owner, statements)).get(invariant)).toContain(sentence);
  });
});
