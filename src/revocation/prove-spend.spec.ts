import { createHash } from 'node:crypto';
import { computeTxid, type Txid } from '#atomic-core';
import type { FoundSpend, SpendProofSource } from '#ports';
import { discardFalseWords, judgeRevocation } from './judge-revocation';
import { proveSpend, type SpendFinding, type SpendProofParts } from './prove-spend';

const QUESTION = { txid: 'ab'.repeat(32), vout: 3 };
const HONEST = 'honest';
const { signal } = new AbortController();

const writeNumber = (value: number, sizeBytes: number): Buffer => {
  const octets = Buffer.alloc(sizeBytes);
  octets.writeUIntLE(value, 0, sizeBytes);
  return octets;
};
/** One that spends the outpoint in its first input, and so many in all: small, and as large as the rules of the network let it be. */
const buildSpender = (inputs: number): Buffer => {
  const listed = Array.from({ length: inputs }, (_, place) => {
    const parent = place === 0 ? Buffer.from(QUESTION.txid, 'hex') : createHash('sha256').update(`${place}`).digest();
    return Buffer.concat([parent, writeNumber(place === 0 ? QUESTION.vout : 0, 4), Buffer.from('0151ffffffff', 'hex')]);
  });
  const count = inputs < 0xfd ? writeNumber(inputs, 1) : Buffer.concat([Buffer.from([0xfd]), writeNumber(inputs, 2)]);
  const output = Buffer.concat([Buffer.from([1]), writeNumber(1, 6), writeNumber(0, 2), Buffer.from('0151', 'hex')]);
  return Buffer.concat([writeNumber(1, 4), count, ...listed, output, writeNumber(0, 4)]);
};
/** A transaction that is all of its block has its txid as the root, and no path. */
const mined = { blockHash: '0b'.repeat(32) as Txid, branch: { index: 0, siblings: [] } };
/** A block of a branch that lost: our headers have it, and it is not on the best chain. */
const LOST = '0c'.repeat(32) as Txid;

const prove = (spenderTxid: Txid, found: FoundSpend): Promise<SpendFinding> => {
  const source: SpendProofSource = { name: HONEST, findSpend: () => Promise.resolve(found) };
  const parts: SpendProofParts = {
    sources: [source],
    chain: { judgeRoots: ([root]) => Promise.resolve([root?.height === 7 ? 'OK' : 'UNKNOWN']) },
    findBlock: (hash) => Promise.resolve({ height: hash === LOST ? 6 : 7, merkleRoot: spenderTxid }),
  };
  return proveSpend({ question: QUESTION, spenderTxid }, parts, signal);
};

it('is proven where its bytes can be read', async () => {
  const raw = buildSpender(2_000);
  const spenderTxid = computeTxid(raw);
  expect((await prove(spenderTxid, { raw, proofs: [mined] })).proven).toMatchObject({
    spenderTxid,
    height: 7,
    source: HONEST,
  });
});

it.each([
  ['more inputs than we read', buildSpender(2_001)],
  ['something that is no transaction to us', Buffer.from('cafe', 'hex')],
])('leaves a word a word where bytes with the right hash are %s', async (_what, raw) => {
  const spenderTxid = computeTxid(raw);
  const finding = await prove(spenderTxid, { raw, proofs: [mined] });
  expect(finding).toEqual({ spenderTxid, proven: undefined, isRefuted: false, liars: new Set() });
  const revoked = { source: HONEST, answer: { state: 'revoked', spenderTxid } } as const;
  const lagging = { source: 'lagging', answer: { state: 'good', asOfMs: 1 } } as const;
  expect(judgeRevocation(discardFalseWords([revoked], [finding]))).toMatchObject({ state: 'revoked', spenderTxid });
  expect(judgeRevocation(discardFalseWords([revoked, lagging], [finding]))).toMatchObject({
    ...{ state: 'unknown', isSilent: false },
  });
});

it('shows who brings other bytes to be a liar', async () => {
  const raw = buildSpender(1);
  const spenderTxid = computeTxid(raw);
  const finding = await prove(spenderTxid, { raw: Buffer.concat([raw, Buffer.from([0])]), proofs: [mined] });
  expect(finding).toMatchObject({ isRefuted: false, liars: new Set([HONEST]) });
});

it('is proven by any proof of several, and by none of a block that lost', async () => {
  const raw = buildSpender(1);
  const spenderTxid = computeTxid(raw);
  const lost = { ...mined, blockHash: LOST };
  const wrong = { ...mined, branch: { index: 0, siblings: [LOST] } };
  expect((await prove(spenderTxid, { raw, proofs: [lost, mined] })).proven).toMatchObject({ height: 7 });
  expect(await prove(spenderTxid, { raw, proofs: [lost] })).toMatchObject({ proven: undefined, liars: new Set() });
  expect(await prove(spenderTxid, { raw, proofs: [lost, wrong] })).toMatchObject({ liars: new Set([HONEST]) });
});
