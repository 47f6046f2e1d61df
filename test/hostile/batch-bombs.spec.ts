import { LockingScript, OP, Transaction, UnlockingScript } from '@bsv/sdk';
import { fsck } from '#ledger';
import type { DocumentToken } from '#testkit';
import { issueMany, itemOf, outcomesOf, sendBatch } from '../contract/batches-rig';
import { SubmissionsRig, type Caller } from '../contract/submissions-rig';

const ops = (...codes: number[]): string => Buffer.from(codes).toString('hex');
/** Each ends in a refusal, some only after it has cost a worker what it may cost. */
const BOMBS: readonly [script: string, code: string][] = [
  [`${ops(64)}${'11'.repeat(64)}${ops(OP.OP_DUP, OP.OP_CAT).repeat(40)}`, 'transaction-script-limit'],
  [ops(OP.OP_NOP).repeat(600_000), 'transaction-script-limit'],
  [ops(OP.OP_1, OP.OP_IF).repeat(1_000), 'transaction-script-failed'],
  [ops(OP.OP_PUSHDATA4, 0xff, 0xff, 0xff, 0x7f), 'transaction-script-failed'],
];
const BYTES: readonly [hex: string, code: RegExp][] = [
  ['0200beef00feffffff0f', /^beef-/u],
  ['0100beeffeffffffff', /^beef-/u],
  [`01010101${'00'.repeat(32)}0200beef0001`, /^beef-/u],
];

describe('bombs in a batch', () => {
  jest.setTimeout(120_000);
  let rig: SubmissionsRig;
  let attacker: Caller;
  let honest: Caller;
  let documents: DocumentToken[];
  beforeAll(async () => {
    rig = await SubmissionsRig.open({ prices: [], verificationWorkers: 1 });
    attacker = await rig.openCaller(1_000_000);
    honest = await rig.openCaller();
    documents = await issueMany(honest, 4);
  });
  afterAll(async () => {
    const findings = await fsck(rig.database.owner);
    await rig.close();
    expect(findings.filter(({ ok }) => !ok)).toEqual([]);
  });

  /** A transaction that spends an output of the attacker's own, locked by the bomb. */
  const spendBomb = async (script: string): Promise<Uint8Array> => {
    const { tx } = await attacker.wallet.createAction({
      description: 'plant a bomb',
      outputs: [{ satoshis: 1, lockingScript: script, outputDescription: 'a bomb' }],
      options: { randomizeOutputs: false },
    });
    const spend = new Transaction();
    const sourceTransaction = Transaction.fromAtomicBEEF([...(tx ?? [])]);
    spend.addInput({ sourceTransaction, sourceOutputIndex: 0, unlockingScript: new UnlockingScript([]) });
    spend.addOutput({ satoshis: 1, lockingScript: LockingScript.fromHex('51') });
    return Uint8Array.from(spend.toAtomicBEEF());
  };

  it('harm neither their neighbour nor a single submission beside them', async () => {
    const [neighbour, single] = documents as [DocumentToken, DocumentToken];
    const scripts: Uint8Array[] = [];
    for (const [script] of BOMBS) scripts.push(await spendBomb(script));
    const bytes = BYTES.map(([hex]) => itemOf(Buffer.from(hex, 'hex')));
    const nested = `{"beef":${'['.repeat(100_000)}`;
    const bombs = [...scripts.map((beef) => itemOf(beef)), ...bytes, nested, '"', '\u2028', `{"__proto__":{"beef":1}}`];
    const items = [...bombs, ...bombs, itemOf(neighbour.beef), ...bombs];
    const [batch, alone] = await Promise.all([sendBatch(attacker, items), honest.submit(single.beef)]);

    expect([alone.status, batch.status]).toEqual([201, 200]);
    const outcomes = outcomesOf(batch);
    expect(batch.json).toMatchObject({ applied: 1, replayed: 0, refused: 3 * bombs.length });
    expect(outcomes[2 * bombs.length]).toBe(201);
    for (const start of [0, bombs.length, 2 * bombs.length + 1]) {
      const part = outcomes.slice(start, start + bombs.length);
      expect(part.slice(0, BOMBS.length)).toEqual(BOMBS.map(([, code]) => code));
      for (const [at, [, code]] of BYTES.entries()) expect(String(part[BOMBS.length + at])).toMatch(code);
      expect(part.slice(BOMBS.length + BYTES.length)).toEqual(Array.from({ length: 4 }, () => 'request-malformed'));
    }
    const [unharmed] = documents.slice(2) as [DocumentToken];
    expect((await honest.submit(unharmed.beef)).status).toBe(201);
    expect(({} as { beef?: unknown }).beef).toBeUndefined();
  });
});
