import { sha256 } from '#atomic-core';
import {
  type BuiltTransaction,
  buildBeefV2,
  buildBlock,
  buildCoinbase,
  buildFunding,
  buildTransaction,
  judgeBeef,
  verdictOf,
} from '#testkit';
import { OP, P2PKH, PrivateKey, Transaction, TransactionSignature, UnlockingScript } from '@bsv/sdk';

/** RELIABILITY §7, H13 and H14: scripts that cost, and signatures that are nearly right. */

const judge = (lockingScript: Uint8Array, unlockingScript: Uint8Array = Buffer.alloc(0), version = 1) => {
  const funding = buildFunding([{ satoshis: 1_000, script: lockingScript }]);
  const bump = buildBlock(900_000, [buildCoinbase(1), funding]).bump(1);
  const subject = buildTransaction({
    version,
    inputs: [{ txid: funding.txid, script: unlockingScript }],
    outputs: [{ satoshis: 1 }],
  });
  return verdictOf(
    judgeBeef(buildBeefV2([bump], [{ raw: funding.raw, bumpIndex: 0 }, { raw: subject.raw }]), () => true),
  );
};

const ops = (...codes: number[]): Buffer => Buffer.from(codes);
const times = (count: number, ...codes: number[]): Buffer =>
  Buffer.concat(Array.from({ length: count }, () => ops(...codes)));
const push = (bytes: Uint8Array): Buffer => {
  if (bytes.length < 0x4c) return Buffer.concat([ops(bytes.length), bytes]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  if (bytes.length < 0x100) return Buffer.concat([ops(OP.OP_PUSHDATA1), length.subarray(0, 1), bytes]);
  if (bytes.length < 0x10000) return Buffer.concat([ops(OP.OP_PUSHDATA2), length.subarray(0, 2), bytes]);
  return Buffer.concat([ops(OP.OP_PUSHDATA4), length, bytes]);
};
const big = (length: number): Buffer => push(Buffer.alloc(length, 0x11));

jest.setTimeout(60_000);

describe('H13: script bombs end in a refusal, whatever they cost elsewhere', () => {
  it.each([
    ['CAT doubling', Buffer.concat([big(64), times(40, OP.OP_DUP, OP.OP_CAT)]), 'transaction-script-limit'],
    ['DUP of a large item', Buffer.concat([big(1_000_000), times(50, OP.OP_DUP)]), 'transaction-script-limit'],
    ['MUL squaring', Buffer.concat([big(5_000), times(20, OP.OP_DUP, OP.OP_MUL)]), 'transaction-script-limit'],
    [
      'LSHIFTNUM to 2^30 bits',
      Buffer.concat([ops(OP.OP_1), push(Buffer.from('00000040', 'hex')), ops(OP.OP_LSHIFTNUM)]),
      'transaction-script-limit',
    ],
    [
      'LSHIFTNUM by a number that fits no integer',
      Buffer.concat([ops(OP.OP_1), push(Buffer.from('ffffffffffff00', 'hex')), ops(OP.OP_LSHIFTNUM)]),
      'transaction-script-limit',
    ],
    [
      'NUM2BIN to 2^31 bytes',
      Buffer.concat([ops(OP.OP_1), push(Buffer.from('ffffff7f', 'hex')), ops(OP.OP_NUM2BIN)]),
      'transaction-script-limit',
    ],
    [
      'a shift of a large item, over and over',
      Buffer.concat([big(500_000), times(2_000, OP.OP_1, OP.OP_LSHIFT)]),
      'transaction-script-limit',
    ],
    [
      'hashes of a large item, over and over',
      Buffer.concat([big(500_000), times(2_000, OP.OP_DUP, OP.OP_SHA256, OP.OP_DROP)]),
      'transaction-script-limit',
    ],
    ['a million opcodes', times(1_000_000, OP.OP_NOP), 'transaction-script-limit'],
    ['a million pushes', times(1_000_000, OP.OP_1), 'transaction-script-limit'],
    [
      'deep IF',
      Buffer.concat([times(50_000, OP.OP_1, OP.OP_IF), times(50_000, OP.OP_ENDIF), ops(OP.OP_1)]),
      'transaction-script-limit',
    ],
    ['unbalanced IF', times(1_000, OP.OP_1, OP.OP_IF), 'transaction-script-failed'],
    [
      'a check of 2^31 signatures',
      Buffer.concat([ops(0, 0), push(Buffer.from('ffffff7f', 'hex')), ops(OP.OP_CHECKMULTISIG)]),
      'transaction-script-limit',
    ],
    [
      'a negative number of keys',
      Buffer.concat([ops(0, 0, 0, OP.OP_1NEGATE, OP.OP_CHECKMULTISIG)]),
      'transaction-script-failed',
    ],
    [
      'PICK out of the stack',
      Buffer.concat([ops(OP.OP_1), push(Buffer.from('ffffff7f', 'hex')), ops(OP.OP_PICK)]),
      'transaction-script-failed',
    ],
    [
      'ROLL out of the stack',
      Buffer.concat([ops(OP.OP_1), push(Buffer.from('ffffff7f', 'hex')), ops(OP.OP_ROLL)]),
      'transaction-script-failed',
    ],
    [
      'SPLIT behind the end',
      Buffer.concat([ops(OP.OP_1), push(Buffer.from('ffffff7f', 'hex')), ops(OP.OP_SPLIT)]),
      'transaction-script-failed',
    ],
    ['a division by zero', ops(OP.OP_1, 0, OP.OP_DIV), 'transaction-script-failed'],
    ['a push that ends early', ops(OP.OP_PUSHDATA4, 0xff, 0xff, 0xff, 0x7f), 'transaction-script-failed'],
    ['an unknown opcode', ops(0xfe), 'transaction-script-failed'],
    ['RETURN over a false item', ops(0, OP.OP_RETURN), 'transaction-script-failed'],
  ] as const)('%s', (_name, lockingScript, verdict) => {
    const before = process.memoryUsage().rss;
    expect(judge(lockingScript)).toBe(verdict);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
  });

  it('many signatures over one large script: the bytes they hash are counted', () => {
    const key = PrivateKey.fromRandom();
    const signature = new TransactionSignature(key.sign([1]).r, key.sign([1]).s, 0x41).toChecksigFormat();
    const check = Buffer.concat([
      push(Buffer.from(signature)),
      push(Buffer.from(key.toPublicKey().encode(true) as number[])),
      ops(OP.OP_CHECKSIG, OP.OP_DROP),
    ]);
    expect(
      judge(Buffer.concat([big(3_000_000), ops(OP.OP_DROP), ...Array.from({ length: 100 }, () => check)])),
    ).toMatch(/^transaction-script-/);
  });
});

describe('H14: signatures', () => {
  const key = PrivateKey.fromRandom();
  const lockingScript = new P2PKH().lock(key.toPublicKey().toHash());
  const { SIGHASH_ALL, SIGHASH_NONE, SIGHASH_SINGLE, SIGHASH_ANYONECANPAY, SIGHASH_FORKID } = TransactionSignature;
  const funding = buildFunding([{ satoshis: 1_000, script: lockingScript.toUint8Array() }, { satoshis: 1_000 }]);
  const bump = buildBlock(900_000, [buildCoinbase(1), funding]).bump(1);

  /** The P2PKH coin is the second input, so that with one output SINGLE is out of range. */
  const sketch = (outputCount: number, script: Uint8Array): BuiltTransaction =>
    buildTransaction({
      inputs: [
        { txid: funding.txid, vout: 1 },
        { txid: funding.txid, vout: 0, script },
      ],
      outputs: Array.from({ length: outputCount }, () => ({ satoshis: 10 })),
    });

  const sign = (
    scope: number,
    outputCount: number,
    change: (signature: TransactionSignature) => TransactionSignature = (same) => same,
  ): Uint8Array => {
    const unsigned = Transaction.fromBinary([...sketch(outputCount, Buffer.alloc(0)).raw]);
    const preimage = TransactionSignature.formatBytes({
      ...{
        sourceTXID: funding.txid,
        sourceOutputIndex: 0,
        sourceSatoshis: 1_000,
        transactionVersion: 1,
        inputIndex: 1,
        lockTime: 0,
        scope,
      },
      ...{
        otherInputs: unsigned.inputs.slice(0, 1),
        outputs: unsigned.outputs,
        inputSequence: 0xffffffff,
        subscript: lockingScript,
      },
    });
    const { r, s } = key.sign([...sha256(preimage)]);
    const signature = change(new TransactionSignature(r, s, scope)).toChecksigFormat();
    return new UnlockingScript()
      .writeBin(signature)
      .writeBin(key.toPublicKey().encode(true) as number[])
      .toUint8Array();
  };

  const judgeSigned = (outputCount: number, script: Uint8Array) =>
    verdictOf(
      judgeBeef(
        buildBeefV2([bump], [{ raw: funding.raw, bumpIndex: 0 }, { raw: sketch(outputCount, script).raw }]),
        () => true,
      ),
    );

  const bases = [SIGHASH_ALL, SIGHASH_NONE, SIGHASH_SINGLE];
  const scopes = bases.flatMap((base) => [base | SIGHASH_FORKID, base | SIGHASH_FORKID | SIGHASH_ANYONECANPAY]);

  it.each(scopes)('scope 0x%i is accepted, with as many outputs as inputs and with SINGLE out of range', (scope) => {
    expect([1, 2].map((outputCount) => judgeSigned(outputCount, sign(scope, outputCount)))).toEqual([
      'accepted',
      'accepted',
    ]);
  });

  it.each(scopes)('scope 0x%i is refused when the signature names another', (scope) => {
    for (const other of scopes.filter((each) => each !== scope)) {
      const script = sign(scope, 2, ({ r, s }) => new TransactionSignature(r, s, other));
      expect(judgeSigned(2, script)).toBe('transaction-script-failed');
    }
  });

  it.each([0, 4, 0x1f])('base type %i is not a type', (base) => {
    expect(judgeSigned(2, sign(base | SIGHASH_FORKID, 2))).toBe('transaction-script-failed');
  });

  it('a high S is refused: it is a second signature that anybody can make', () => {
    const order = BigInt('0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141');
    const script = sign(SIGHASH_ALL | SIGHASH_FORKID, 2, ({ r, s, scope }) => {
      const high = (order - BigInt(`0x${s.toHex()}`)).toString(16);
      return new TransactionSignature(
        r,
        new (s.constructor as new (hex: string, radix: number) => typeof s)(high, 16),
        scope,
      );
    });
    expect(judgeSigned(2, script)).toBe('transaction-script-failed');
  });

  it('a second item left on the stack is refused', () => {
    const script = Buffer.concat([ops(OP.OP_1), sign(SIGHASH_ALL | SIGHASH_FORKID, 2)]);
    expect(judgeSigned(2, script)).toBe('transaction-script-failed');
  });
});
