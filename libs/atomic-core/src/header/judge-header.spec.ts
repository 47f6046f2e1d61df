import { readHeader, writeHeader } from './block-header';
import { CUT_HISTORY_EASING_MAX, FUTURE_SECONDS_MAX, judgeHeader, judgeRootHeader } from './judge-header';
import { bitsOf, targetOf } from './compact-bits';
import { networkParams } from './network-params';
import type { AcceptedHeader } from './judge-header';

const { mainnet, testnet, devnet } = networkParams;
const bytesOf = (hex: string): Buffer => Buffer.from(hex, 'hex');
const NOW = 1_800_000_000;

/** Mainnet blocks 1 and 2. */
const block1 = bytesOf(
  '010000006fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000982051fd1e4ba744bbbe680e1fee14677ba1a3c3540bf7b1cdb606e857233e0e61bc6649ffff001d01e36299',
);
const block2 = bytesOf(
  '010000004860eb18bf1b1620e37e9490fc8a427514416fd75159ab86688e9a8300000000d5fdcc541e25de1c7a5addedf24858b8bb665c9f36ef744ee42c316022c90f9bb0bc6649ffff001d08d2bd61',
);

const rootOf = (params: typeof mainnet): AcceptedHeader => {
  const bytes = bytesOf(params.genesis);
  const verdict = judgeRootHeader(params, bytes, { height: 0, hash: readHeader(bytes)?.hash ?? '' });
  if (!verdict.ok) throw new Error(verdict.fault);
  return verdict.accepted;
};

const mine = (parent: AcceptedHeader, seconds: number, bits = 0x207fffff): Uint8Array => {
  for (let nonce = 0; ; nonce += 1) {
    const bytes = writeHeader({
      version: 1,
      prevHash: parent.hash,
      merkleRoot: 'ab'.repeat(32),
      time: parent.time + seconds,
      bits,
      nonce,
    });
    if (BigInt(`0x${readHeader(bytes)?.hash ?? ''}`) <= (targetOf(bits) ?? 1n << 256n)) return bytes;
  }
};

describe('judgeHeader', () => {
  it('knows the genesis block of every network', () => {
    expect(rootOf(mainnet).hash).toBe('000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f');
    expect(rootOf(testnet).hash).toBe('000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943');
    expect(rootOf(devnet).hash).toBe('0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206');
  });

  it('accepts the first blocks of mainnet and adds up their work', () => {
    const genesis = rootOf(mainnet);
    const first = judgeHeader(mainnet, [genesis], block1, NOW);
    if (!first.ok) throw new Error(first.fault);
    expect(first.accepted).toMatchObject({
      height: 1,
      hash: '00000000839a8e6886ab5951d76f411475428afc90947ee320161bbf18eb6048',
      chainWork: 0x200020002n,
    });
    expect(judgeHeader(mainnet, [genesis, first.accepted], block2, NOW)).toMatchObject({ ok: true });
  });

  it.each<[string, (bytes: Buffer) => Uint8Array]>([
    ['size', (bytes) => bytes.subarray(1)],
    ['linkage', () => block2],
    ['proof-of-work', (bytes) => (bytes.writeUInt32LE(7, 76), bytes)],
    ['bits-invalid', (bytes) => (bytes.writeUInt32LE(0x1d80ffff, 72), bytes)],
  ])('refuses a header for its %s', (fault, change) => {
    expect(judgeHeader(mainnet, [rootOf(mainnet)], change(Buffer.from(block1)), NOW)).toEqual({ ok: false, fault });
  });

  it('refuses a root that is not the one named', () => {
    expect(judgeRootHeader(mainnet, block1, { height: 1, hash: '00'.repeat(32) })).toEqual({
      ok: false,
      fault: 'not-the-root',
    });
  });

  it('refuses bits other than the required ones, even with their work done', () => {
    const genesis = rootOf(devnet);
    expect(judgeHeader(devnet, [genesis], mine(genesis, 1, 0x203fffff), NOW)).toEqual({
      ok: false,
      fault: 'difficulty',
    });
  });

  it('refuses a target above the limit of the network', () => {
    const genesis = rootOf(mainnet);
    expect(judgeHeader(mainnet, [genesis], mine(genesis, 600, 0x207fffff), NOW)).toEqual({
      ok: false,
      fault: 'proof-of-work',
    });
  });

  it('wants a time after the median and at most two hours ahead', () => {
    const genesis = rootOf(devnet);
    expect(judgeHeader(devnet, [genesis], mine(genesis, 0), NOW)).toEqual({ ok: false, fault: 'time-too-old' });
    const late = mine(genesis, 50);
    const limit = genesis.time + 50 - FUTURE_SECONDS_MAX;
    expect(judgeHeader(devnet, [genesis], late, limit)).toMatchObject({ ok: true });
    expect(judgeHeader(devnet, [genesis], late, limit - 1)).toEqual({ ok: false, fault: 'time-too-new' });
  });

  it('does not ask for a median that a checkpoint cut off', () => {
    const checkpoint = { ...rootOf(devnet), height: 100 };
    expect(judgeHeader(devnet, [checkpoint], mine(checkpoint, -60), NOW)).toMatchObject({ ok: true });
  });

  it('holds bits after a checkpoint within bounds until the real rule can be asked', () => {
    const params = { ...devnet, retargets: true, powLimit: (1n << 255n) - 1n };
    const bits = 0x1f7fffff;
    const target = targetOf(bits) as bigint;
    const checkpoint = { ...rootOf(devnet), height: 948_351, bits };
    const within = mine(checkpoint, 600, bitsOf(target * CUT_HISTORY_EASING_MAX));
    const beyond = mine(checkpoint, 600, bitsOf(target * (CUT_HISTORY_EASING_MAX + 1n)));
    expect(judgeHeader(params, [checkpoint], within, NOW)).toMatchObject({ ok: true });
    expect(judgeHeader(params, [checkpoint], beyond, NOW)).toEqual({ ok: false, fault: 'difficulty' });
  });
});
