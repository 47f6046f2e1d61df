import { randomBytes } from 'node:crypto';
import { PrivateKey } from '@bsv/sdk';
import { openGatewayKeys, writeInstructions } from '#atomic-core';
import {
  buildPlainTransaction,
  createTestDatabase,
  outpointOf,
  plainPayer,
  planPlainClaim,
  planPlainCommit,
  plantBreach,
  randomOutpoint,
} from '#testkit';
import type { PlainClaim, PlainTransaction, TestDatabase } from '#testkit';
import type { DataSource } from 'typeorm';
import { listBasketOutputs } from './basket-outputs';
import { claimPayment } from './claim-payment';
import { TREASURY_BASKET, tagOfPayee } from './commit-input';
import type { PaymentKept } from './commit-input';
import { commitTransition } from './commit-transition';
import { fsck } from './fsck';
import { retractTransition } from './retract-transition';
import { SWEEP_LABEL } from './sql/treasury';
import { listPayments, readLiabilities, readTreasury } from './treasury';
import type { TreasuryBalance } from './treasury';

const PAYEE = openGatewayKeys('11'.repeat(32)).identityKey;
const OPERATOR = 'operator';

let database: TestDatabase;
let db: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.dataSource;
}, 90_000);
afterAll(async () => {
  const broken = (await fsck(db)).filter(({ ok }) => !ok);
  await database.drop();
  expect(broken).toEqual([]);
});

const keptOf = ({ outputs }: PlainTransaction, treasury: string | undefined): PaymentKept => {
  const names = { prefix: randomBytes(8).toString('base64'), suffix: randomBytes(8).toString('base64') };
  const payer = PrivateKey.fromRandom().toPublicKey().toString();
  const lockingScript = outputs[0]?.lockingScript ?? Buffer.alloc(0);
  return { derivation: { ...names, payer, payee: PAYEE }, lockingScript, treasury };
};
const planKept = async (
  treasury: string | undefined,
  payer = plainPayer(),
): Promise<PlainClaim & { readonly kept: PaymentKept }> => {
  const claim = await planPlainClaim(db, payer);
  const kept = keptOf(claim.transaction, treasury);
  return { ...claim, kept, input: { ...claim.input, kept } };
};
const take = async (treasury: string | null = OPERATOR): Promise<PlainTransaction> => {
  const { input, transaction } = await planKept(treasury ?? undefined);
  expect(await claimPayment(db, input)).toEqual({ ok: true, value: 'claimed' });
  return transaction;
};
const listHeld = async (treasury = OPERATOR) =>
  (await listBasketOutputs(db, treasury, TREASURY_BASKET, { limit: 100 })).outputs;
/** Payments by state, without those that are none. */
const countStates = async (treasury = OPERATOR): Promise<Partial<Record<keyof TreasuryBalance, number>>> =>
  Object.fromEntries(
    Object.entries(await readTreasury(db, treasury)).flatMap(([state, { payments }]) =>
      payments === 0 || state === 'claimed' || state === 'unassigned' ? [] : [[state, payments]],
    ),
  );
const spend = (coins: readonly PlainTransaction[], labels: readonly string[] = []) => {
  const input = planPlainCommit({
    subject: buildPlainTransaction(coins.map((coin) => outpointOf(coin))),
    organisation: OPERATOR,
  });
  return { ...input, transition: { ...input.transition, labels } };
};
const retract = ({ txid }: PlainTransaction) => retractTransition(db, txid, 'refused');

describe('a payment', () => {
  it('is kept in the COMMIT that takes it, with what spends it, and once however often it comes', async () => {
    const { input, transaction, kept } = await planKept('one');
    expect(await claimPayment(db, input)).toEqual({ ok: true, value: 'claimed' });
    expect(await claimPayment(db, input)).toEqual({ ok: true, value: 'replayed' });
    expect(await listHeld('one')).toMatchObject([
      {
        ...{ txid: transaction.txid, vout: 0, satoshis: 200, lockingScript: kept.lockingScript },
        ...{ tags: [tagOfPayee(PAYEE)], customInstructions: writeInstructions(kept.derivation) },
      },
    ]);
    expect(JSON.parse(writeInstructions(kept.derivation))).toMatchObject({
      ...{ derivationPrefix: kept.derivation.prefix, derivationSuffix: kept.derivation.suffix },
      ...{ senderIdentityKey: kept.derivation.payer, protocolID: [2, '3241645161d8'] },
    });
  });

  it('is kept in the COMMIT of a submission too, and stays when that is retracted', async () => {
    const payer = plainPayer();
    const { input, transaction, kept, requestDigest } = await planKept('two', payer);
    const subject = buildPlainTransaction([randomOutpoint()]);
    const submission = planPlainCommit({
      ...{ subject, requestDigest, organisation: payer.organisation },
      payment: { transaction, vout: 0, prefix: input.prefix },
    });
    const payment = { outpoint: outpointOf(transaction), prefix: input.prefix, satoshis: 200, kept };
    expect(await commitTransition(db, { ...submission, payment })).toMatchObject({ value: { kind: 'applied' } });
    expect(await listHeld('two')).toHaveLength(1);
    await retract(subject);
    expect(await listHeld('two')).toHaveLength(1);
    await retract(transaction);
    expect([await listHeld('two'), await countStates('two')]).toEqual([[], { retracted: 1 }]);
  });

  it('is taken where nobody has a treasury, and still says how it is spent', async () => {
    const transaction = await take(null);
    const [claim] = await database.owner.query<{ treasury: string | null; instructions: string }[]>(
      'select treasury, instructions from portcullis.payment_claim where outpoint = $1',
      [Buffer.from(outpointOf(transaction))],
    );
    expect([claim?.treasury, JSON.parse(claim?.instructions ?? '')]).toMatchObject([
      null,
      { recipientIdentityKey: PAYEE },
    ]);
    expect((await readTreasury(db, undefined)).unassigned.payments).toBeGreaterThan(0);
  });

  it('is held, swept, spent by another hand or refused, and these are all', async () => {
    const [held, swept, spent, refused, back] = [await take(), await take(), await take(), await take(), await take()];
    expect(await countStates()).toEqual({ held: 5 });
    await commitTransition(db, spend([swept], [SWEEP_LABEL]));
    await commitTransition(db, spend([spent]));
    await retract(refused);
    expect(await countStates()).toEqual({ held: 2, swept: 1, spent: 1, retracted: 1 });
    // A sweep that the network refuses gives back what it spent.
    const sweep = spend([back], [SWEEP_LABEL]);
    await commitTransition(db, sweep);
    expect(await countStates()).toEqual({ held: 1, swept: 2, spent: 1, retracted: 1 });
    await retractTransition(db, sweep.transition.txid, 'refused');
    expect((await listHeld()).map(({ txid }) => txid).sort()).toEqual([held.txid, back.txid].sort());
    const { claimed, unassigned, ...states } = await readTreasury(db, OPERATOR);
    const sum = [unassigned, ...Object.values(states)].reduce((total, { satoshis }) => total + satoshis, 0);
    expect(sum).toBe(claimed.satoshis);
  });
});

describe('the books', () => {
  it('list payments of one organisation or of all, newest first, page by page', async () => {
    const payer = plainPayer();
    const outpoints: string[] = [];
    for (let number = 0; number < 3; number += 1) {
      const { input } = await planKept(OPERATOR, payer);
      await claimPayment(db, input);
      outpoints.unshift(Buffer.from(input.outpoint).toString('hex'));
    }
    const hex = (rows: readonly { outpoint: Buffer }[]): string[] => rows.map((row) => row.outpoint.toString('hex'));
    const first = await listPayments(db, payer.organisation, { before: Number.MAX_SAFE_INTEGER, limit: 2 });
    const next = await listPayments(db, payer.organisation, { before: first[1]?.auditLeaf ?? 0, limit: 2 });
    expect([hex(first), hex(next)]).toEqual([outpoints.slice(0, 2), outpoints.slice(2)]);
    expect(first[0]).toMatchObject({ organisation: payer.organisation, satoshis: 200, price: 200, method: 'GET' });
    expect(hex(await listPayments(db, undefined, { before: Number.MAX_SAFE_INTEGER, limit: 3 }))).toEqual(outpoints);
    expect(await listPayments(db, 'nobody', { before: Number.MAX_SAFE_INTEGER, limit: 2 })).toEqual([]);
  });

  it('say what is owed to customers and by them', async () => {
    const payer = plainPayer();
    const before = await readLiabilities(db);
    const { input, transaction } = await planPlainClaim(db, payer, { price: 700, topUp: true });
    await claimPayment(db, input);
    expect((await readLiabilities(db)).balances - before.balances).toBe(700);
    await retract(transaction);
    expect((await readLiabilities(db)).debts - before.debts).toBe(700);
  });
});

describe('fsck of the treasury', () => {
  const of = `(select outpoint from portcullis.payment_claim where treasury = 'planted')`;
  it.each<[string, string]>([
    ['is not where it was kept', `delete from portcullis.basket_output where organisation = 'planted'`],
    ['is not where it was kept', `update portcullis.basket_output set satoshis = 1 where organisation = 'planted'`],
    ['does not add up', `update portcullis.basket_output set satoshis = 1 where organisation = 'planted'`],
    ['is not where it was kept', `update portcullis.basket_output set retracted = true where organisation = 'planted'`],
    ['is still kept', `update portcullis.payment_claim set settlement = 'retracted' where outpoint in ${of}`],
    ['by no transition and no payment', `update portcullis.payment_claim set treasury = null where outpoint in ${of}`],
  ])('finds what %s', async (sentence, statement) => {
    await take('planted');
    expect((await plantBreach(database.owner, [statement])).get('I34')).toContain(sentence);
  });
});
