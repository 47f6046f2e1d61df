import { sha256, sha256d } from '#atomic-core';
import { buildFunding, buildTransaction } from '#testkit';
import { Hash, OP } from '@bsv/sdk';
import type { BeefDraft, OutputDraft } from './draft';
import { encodeBeef } from './draft';
import { HEIGHT, type HostileCase, beefOfScript, beefOver } from './hostile-case';
import { ops, push, small, times } from './scripts';
import { type Sign, type TestKey, type Unlocks, keys, signDraft } from './sign-draft';

const big = (length: number): Buffer => push(Buffer.alloc(length, 0x11));
const HUGE = push(Buffer.from('ffffff7f', 'hex'));

/** H13: locking scripts that an empty unlocking script sets off. Each is one way to make an interpreter hold or do too much. */
const bombs: readonly (readonly [string, Buffer, 'transaction-script-limit' | 'transaction-script-failed'])[] = [
  ['CAT doubling', Buffer.concat([big(64), times(40, OP.OP_DUP, OP.OP_CAT)]), 'transaction-script-limit'],
  ['DUP of a large item', Buffer.concat([big(1_000_000), times(50, OP.OP_DUP)]), 'transaction-script-limit'],
  ['MUL squaring', Buffer.concat([big(5_000), times(20, OP.OP_DUP, OP.OP_MUL)]), 'transaction-script-limit'],
  [
    'MUL of the widest numbers',
    Buffer.concat([big(4_000), times(20_000, OP.OP_DUP, OP.OP_DUP, OP.OP_MUL, OP.OP_DROP)]),
    'transaction-script-limit',
  ],
  [
    'LSHIFTNUM to 2^30 bits',
    Buffer.concat([ops(OP.OP_1), push(Buffer.from('00000040', 'hex')), ops(OP.OP_LSHIFTNUM)]),
    'transaction-script-limit',
  ],
  [
    'LSHIFT over and over',
    Buffer.concat([big(500_000), times(2_000, OP.OP_1, OP.OP_LSHIFT)]),
    'transaction-script-limit',
  ],
  [
    'SHA256 over and over',
    Buffer.concat([big(500_000), times(2_000, OP.OP_DUP, OP.OP_SHA256, OP.OP_DROP)]),
    'transaction-script-limit',
  ],
  ['NUM2BIN to 2^31 bytes', Buffer.concat([ops(OP.OP_1), HUGE, ops(OP.OP_NUM2BIN)]), 'transaction-script-limit'],
  ['a million opcodes', times(1_000_000, OP.OP_NOP), 'transaction-script-limit'],
  ['a million pushes', times(1_000_000, OP.OP_1), 'transaction-script-limit'],
  [
    'deep IF',
    Buffer.concat([times(50_000, OP.OP_1, OP.OP_IF), times(50_000, OP.OP_ENDIF), ops(OP.OP_1)]),
    'transaction-script-limit',
  ],
  ['unbalanced IF', times(1_000, OP.OP_1, OP.OP_IF), 'transaction-script-failed'],
  ['PICK out of the stack', Buffer.concat([ops(OP.OP_1), HUGE, ops(OP.OP_PICK)]), 'transaction-script-failed'],
  [
    'ROLL through a deep stack',
    Buffer.concat([times(20_000, OP.OP_1), times(20_000, OP.OP_2, OP.OP_1ADD, OP.OP_ROLL)]),
    'transaction-script-limit',
  ],
  [
    'a check of 2^31 signatures',
    Buffer.concat([ops(0, 0), HUGE, ops(OP.OP_CHECKMULTISIG)]),
    'transaction-script-limit',
  ],
];

/** milliseconds: what the budget of one BEEF's scripts allows of work that the interpreter does in JavaScript, about 40 of processor time, and room for a slower core. */
const BOMB_MS = 75;
/** milliseconds: a thousand signatures at the rate of libsecp256k1 (40), or a thousand runs of the interpreter. */
const SIGNATURES_MS = 100;
/** milliseconds: the 16 MiB that interpreted signatures of one BEEF may hash, natively, and as many runs of the interpreter. */
const HASHED_MS = 100;

const bombCases: readonly HostileCase[] = bombs.map(([name, lock, code]) => ({
  of: 'H13',
  name,
  code,
  wallMs: BOMB_MS,
  build: () => beefOfScript(lock),
}));

const [key, other] = keys as [TestKey, TestKey];
const p2pkh = ({ compressed }: TestKey): Buffer =>
  Buffer.concat([
    ops(OP.OP_DUP, OP.OP_HASH160),
    push(Buffer.from(Hash.hash160([...compressed]))),
    ops(OP.OP_EQUALVERIFY, OP.OP_CHECKSIG),
  ]);

const unlockP2pkh =
  (scope: number) =>
  (sign: Sign): Buffer =>
    Buffer.concat([push(sign(key, { scope })), push(key.compressed)]);

/** A proven transaction with `coins`, spent together by one with as many outputs as asked for. */
const spendTogether = (
  coins: readonly { readonly script: Buffer; readonly unlock: (sign: Sign) => Buffer }[],
  outputCount = 1,
  outputScript: Buffer = ops(OP.OP_1),
): BeefDraft => {
  const unlocks: Unlocks = new Map();
  const outputs = coins.map(({ script, unlock }): OutputDraft => {
    const output = { satoshis: 1_000n, script };
    unlocks.set(output, unlock);
    return output;
  });
  const from = {
    parent: -1,
    txid: sha256(Buffer.from('coins')),
    vout: 0,
    script: Buffer.alloc(0),
    sequence: 0xffffffff,
  };
  const inputs = coins.map((_, vout) => ({ parent: 0, vout, script: Buffer.alloc(0), sequence: 0xffffffff }));
  const paid = Array.from({ length: outputCount }, () => ({ satoshis: 1n, script: outputScript }));
  const draft: BeefDraft = {
    kind: 'V2',
    subject: 1,
    bumps: [{ height: HEIGHT, leaves: [sha256d(Buffer.of(1)), 0], named: [1] }],
    entries: [
      { version: 1, inputs: [from], outputs, lockTime: 0, bump: 0 },
      { version: 1, inputs, outputs: paid, lockTime: 0 },
    ],
  };
  signDraft(draft, unlocks);
  return draft;
};

const bytesOf = (draft: BeefDraft): Buffer => encodeBeef(draft).bytes;
const coinsOf = (count: number, scope = 0x41) =>
  Array.from({ length: count }, () => ({ script: p2pkh(key), unlock: unlockP2pkh(scope) }));

/** The second input is signed with `scope`; with one output SINGLE has none of its own. */
const signedWith = (scope: number, outputs: number, change: (draft: BeefDraft) => void = () => undefined): Buffer => {
  const draft = spendTogether([{ script: ops(OP.OP_1), unlock: () => Buffer.alloc(0) }, ...coinsOf(1, scope)], outputs);
  change(draft);
  return bytesOf(draft);
};

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const raiseS = (draft: BeefDraft): void => {
  const input = draft.entries[1]?.inputs[1];
  if (!input) return;
  const length = input.script[0] ?? 0;
  const der = input.script.subarray(1, length);
  const rLength = der[3] ?? 0;
  const s = BigInt(`0x${der.subarray(6 + rLength).toString('hex')}`);
  const high = Buffer.from((ORDER - s).toString(16).padStart(64, '0'), 'hex');
  const body = Buffer.concat([der.subarray(2, 4 + rLength), Buffer.of(2, 33, 0), high]);
  const signature = Buffer.concat([Buffer.of(0x30, body.length), body, input.script.subarray(length, length + 1)]);
  input.script = Buffer.concat([push(signature), input.script.subarray(length + 1)]);
};

const rescope =
  (scope: number) =>
  (draft: BeefDraft): void => {
    const input = draft.entries[1]?.inputs[1];
    if (input) input.script[input.script[0] ?? 0] = scope;
  };

const SCOPES = [0x41, 0x42, 0x43, 0xc1, 0xc2, 0xc3];
const signatureCases: readonly HostileCase[] = [
  ...SCOPES.flatMap((scope): HostileCase[] => [
    {
      of: 'H14',
      name: `scope 0x${scope.toString(16)}, SINGLE in range`,
      code: 'accepted',
      build: () => signedWith(scope, 2),
    },
    {
      of: 'H14',
      name: `scope 0x${scope.toString(16)}, SINGLE out of range`,
      code: 'accepted',
      build: () => signedWith(scope, 1),
    },
    {
      of: 'H14',
      name: `scope 0x${scope.toString(16)} signed, another named`,
      code: 'transaction-script-failed',
      build: () => signedWith(scope, 2, rescope(scope === 0x41 ? 0x42 : 0x41)),
    },
  ]),
  { of: 'H14', name: 'a high S', code: 'transaction-script-failed', build: () => signedWith(0x41, 2, raiseS) },
  { of: 'H14', name: 'no FORKID', code: 'transaction-script-failed', build: () => signedWith(0x01, 2) },
  { of: 'H14', name: 'an unknown base type', code: 'transaction-script-failed', build: () => signedWith(0x44, 2) },
];

const bareMultisig = (count: number): Buffer => {
  const number =
    count <= 16 ? small(count) : push(count < 128 ? Buffer.of(count) : Buffer.of(count & 0xff, count >> 8));
  return Buffer.concat([
    ops(OP.OP_1),
    push(key.compressed),
    ...Array.from({ length: count - 1 }, () => push(other.compressed)),
    number,
    ops(OP.OP_CHECKMULTISIG),
  ]);
};
const unlockMultisig = (sign: Sign): Buffer => Buffer.concat([ops(0), push(sign(key))]);

const nonsense = push(Buffer.concat([Buffer.from('3006020101020101', 'hex'), Buffer.of(0x41)]));
const manyChecks = (checks: number): Buffer =>
  Buffer.concat(
    Array.from({ length: checks }, () =>
      Buffer.concat([nonsense, push(key.compressed), ops(OP.OP_CHECKSIG, OP.OP_DROP)]),
    ),
  );

const engineCases: readonly HostileCase[] = [
  {
    of: 'engine',
    name: '1,000 signatures of one transaction',
    code: 'accepted',
    wallMs: SIGNATURES_MS,
    build: () => bytesOf(spendTogether(coinsOf(1_000))),
  },
  {
    of: 'engine',
    name: '150 signatures that each hash the whole transaction',
    code: 'accepted',
    wallMs: HASHED_MS,
    build: () => bytesOf(spendTogether(coinsOf(150, 0x61), 2_000)),
  },
  {
    of: 'engine',
    name: '400 signatures that each hash the whole transaction',
    code: 'transaction-script-limit',
    wallMs: HASHED_MS,
    build: () =>
      bytesOf(
        spendTogether(coinsOf(400, 0x61), 2_000, Buffer.concat([ops(OP.OP_0, OP.OP_RETURN), push(Buffer.alloc(120))])),
      ),
  },
  {
    of: 'engine',
    name: 'one of 20 keys, the last one tried, 50 times',
    code: 'accepted',
    wallMs: SIGNATURES_MS,
    build: () =>
      bytesOf(spendTogether(Array.from({ length: 50 }, () => ({ script: bareMultisig(20), unlock: unlockMultisig })))),
  },
  {
    of: 'engine',
    name: 'one of 4,000 keys',
    code: 'transaction-script-limit',
    build: () => bytesOf(spendTogether([{ script: bareMultisig(4_000), unlock: unlockMultisig }])),
  },
  {
    of: 'engine',
    name: '100 checks over a script of 3 MB',
    code: 'transaction-script-limit',
    wallMs: HASHED_MS,
    build: () => beefOfScript(Buffer.concat([big(3_000_000), ops(OP.OP_DROP), manyChecks(100)])),
  },
  {
    of: 'engine',
    name: '1,000 inputs out of locking scripts of 1.9 MB together, false at the end',
    code: 'transaction-script-failed',
    wallMs: SIGNATURES_MS,
    build: () => largeLocks(),
  },
];

const largeLocks = (): Buffer => {
  const lock = Buffer.concat([big(1_900), ops(OP.OP_DROP, OP.OP_1)]);
  const last = ops(OP.OP_0);
  const funding = buildFunding(
    Array.from({ length: 1_000 }, (_, index) => ({ satoshis: 10, script: index === 999 ? last : lock })),
  );
  const inputs = Array.from({ length: 1_000 }, (_, vout) => ({ txid: funding.txid, vout }));
  return beefOver(funding, buildTransaction({ inputs, outputs: [{ satoshis: 1 }] }));
};

export const scriptCases: readonly HostileCase[] = [...bombCases, ...signatureCases, ...engineCases];
