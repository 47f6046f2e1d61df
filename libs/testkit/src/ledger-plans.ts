import { randomBytes, randomUUID } from 'node:crypto';
import { computeTxid, makeOutpoint, sha256, txidToWire } from '#atomic-core';
import type { Bump, Outpoint, Txid } from '#atomic-core';
import type { CommitInput, LedgerTransaction } from '#ledger';

/** A transaction as the ledger sees it: bytes that hash to its id, what it spends and the satoshis of its outputs. */
export interface PlainTransaction extends LedgerTransaction {
  readonly spends: readonly Outpoint[];
  readonly outputs: readonly { readonly satoshis: number; readonly lockingScript: Buffer }[];
}

/** An outpoint of a transaction that nobody here knows. */
export const randomOutpoint = (): Outpoint => makeOutpoint(randomBytes(32).toString('hex') as Txid, 0);
export const outpointOf = (transaction: LedgerTransaction, vout = 0): Outpoint => makeOutpoint(transaction.txid, vout);

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

const uint64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};

/** Well-formed and unsigned: the ledger trusts the core for scripts. Every output script that is not given is different, so every transaction is. */
export const buildPlainTransaction = (
  spends: readonly Outpoint[],
  wanted: readonly (number | PlainTransaction['outputs'][number])[] = [1_000],
  bump?: Bump,
): PlainTransaction => {
  const outputs = wanted.map((output) =>
    typeof output === 'number'
      ? { satoshis: output, lockingScript: Buffer.concat([Buffer.of(0x08), randomBytes(8)]) }
      : output,
  );
  const raw = Buffer.concat([
    uint32(1),
    Buffer.of(spends.length),
    ...spends.flatMap((outpoint) => [outpoint, Buffer.of(0), uint32(0xffffffff)]),
    Buffer.of(outputs.length),
    ...outputs.flatMap(({ satoshis: value, lockingScript }) => [
      uint64(value),
      Buffer.of(lockingScript.length),
      lockingScript,
    ]),
    uint32(0),
  ]);
  return { txid: computeTxid(raw), raw, bump, spends, outputs };
};

export interface PlainPlan {
  readonly subject: PlainTransaction;
  readonly ancestors?: readonly PlainTransaction[];
  readonly organisation?: string;
  readonly topic?: string;
  readonly coins?: readonly { readonly txid: Txid; readonly vout: number; readonly retain: boolean }[];
  readonly basket?: string;
  /** How each output is kept, by its place; the same basket, no tags and one unit unless told otherwise. */
  readonly keep?: readonly Partial<CommitInput['baskets']['add'][number]>[];
  readonly identityKey?: string;
  readonly reservation?: string;
  readonly offer?: NonNullable<CommitInput['offer']>;
  readonly requestKey?: string;
  readonly requestDigest?: Uint8Array;
  readonly payment?: { readonly transaction: PlainTransaction; readonly vout: number; readonly prefix: string };
}

const listSpends = (transactions: readonly PlainTransaction[]): CommitInput['spends'] =>
  transactions.flatMap(({ txid, spends }) => spends.map((outpoint) => ({ outpoint, spenderTxid: txid })));

const takePayment = ({ transaction, vout, prefix }: NonNullable<PlainPlan['payment']>): CommitInput['payment'] => ({
  outpoint: outpointOf(transaction, vout),
  prefix,
  satoshis: transaction.outputs[vout]?.satoshis ?? 0,
});

/** A CommitInput that admits every output of the subject to one topic and one basket, unless told otherwise. */
export const planPlainCommit = (plan: PlainPlan): CommitInput => {
  const { subject, ancestors = [], organisation = 'acme', topic = 'tm_test', basket = 'goods' } = plan;
  const id = randomUUID();
  const graph = [...ancestors, ...(plan.payment ? [plan.payment.transaction] : []), subject];
  return {
    transition: {
      id,
      organisation,
      identityKey: plan.identityKey ?? `key of ${organisation}`,
      requestId: randomUUID(),
      requestKey: plan.requestKey ?? id,
      requestDigest: plan.requestDigest ?? sha256(txidToWire(subject.txid)),
      txid: subject.txid,
      topics: [topic],
    },
    transactions: graph,
    spends: listSpends(graph.filter((transaction) => transaction === subject || transaction.bump === undefined)),
    topics: [
      {
        topic,
        admit: subject.outputs.map((output, vout) => ({ ...output, vout, lookupKeys: [`document:${subject.txid}`] })),
        coins: plan.coins ?? [],
      },
    ],
    baskets: {
      add: subject.outputs.map((output, vout) => ({
        ...{ ...output, vout, basket, tags: [], quantity: 1 },
        ...plan.keep?.[vout],
      })),
    },
    ...(plan.reservation !== undefined && { reservation: plan.reservation }),
    ...(plan.offer && { offer: plan.offer }),
    ...(plan.payment && { payment: takePayment(plan.payment) as NonNullable<CommitInput['payment']> }),
    outbox: [
      { kind: 'broadcast', dedupeKey: `broadcast:${subject.txid}`, payload: { txid: subject.txid } },
      ...(plan.payment
        ? [
            {
              kind: 'broadcast',
              dedupeKey: `broadcast:${plan.payment.transaction.txid}`,
              payload: { txid: plan.payment.transaction.txid },
            },
          ]
        : []),
    ],
    leaf: Buffer.from(`leaf of ${id}`),
    receipt: { id, txid: subject.txid },
  };
};
