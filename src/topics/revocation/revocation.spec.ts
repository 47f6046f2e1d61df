import { PrivateKey } from '@bsv/sdk';
import { hashCertificate, readCertificate, type Coin, type Txid, type VerifiedTransaction } from '#atomic-core';
import { TestCertifier, makeCertificateType } from '#testkit';
import { createRevocationTopic } from './index';

const { manager, lookup, about } = createRevocationTopic();
const certifier = new TestCertifier();
const TXID = 'ab'.repeat(32);
const subject = PrivateKey.fromRandom().toPublicKey().toString();

const issue = async (outpoint = `${TXID}.3`) => {
  const held = await certifier.issue(subject, { type: makeCertificateType(1), fields: { name: 'Ann' }, outpoint });
  const { type, serialNumber, revocationOutpoint, fields, signature } = held;
  return { type, serialNumber, subject, certifier: held.certifier, revocationOutpoint, fields, signature };
};
/** As far as the topic looks at it. */
const spending = (...outpoints: [string, number][]): VerifiedTransaction =>
  ({
    subject: { inputs: outpoints.map(([parentTxid, parentVout]) => ({ parentTxid, parentVout })), outputs: [{}] },
  }) as unknown as VerifiedTransaction;
const judge = (transaction: VerifiedTransaction, shown?: unknown, coins: readonly Coin[] = []) =>
  manager.judge(transaction, coins, {
    mode: 'current-tx',
    ...(shown !== undefined && {
      offChainValues: Buffer.from(typeof shown === 'string' ? shown : JSON.stringify(shown)),
    }),
  });
const coin = {
  inputIndex: 1,
  txid: TXID as Txid,
  vout: 0,
  satoshis: 1n,
  lockingScript: new Uint8Array(),
} as unknown as Coin;

describe('tm_revocation', () => {
  it('has a page and a lookup over it', () => {
    expect([lookup.topic, about.documentation]).toEqual([manager.name, expect.stringContaining('tm_revocation')]);
  });

  it('admits what spends the outpoint of a certificate that is shown with it, to be found by all its names', async () => {
    const certificate = await issue();
    const verdict = judge(spending(['cd'.repeat(32), 0], [TXID, 3]), certificate);
    if (!('admitted' in verdict) || !verdict.admitted) throw new Error('It was not admitted.');
    expect(verdict.admittance).toMatchObject({ admit: [{ vout: 0 }], coinsToRetain: [], coinsToRemove: [] });
    const read = readCertificate(certificate);
    if (!read.ok) throw new Error('It cannot be read.');
    const { certifier: by, serialNumber } = certificate;
    const queries = [
      { outpoint: `${TXID}.3` },
      { certificateHash: hashCertificate(read.value.certificate).toString('hex') },
      { certifier: by, serialNumber },
    ];
    const keys = verdict.admittance.admit[0]?.lookupKeys;
    for (const query of queries) expect(keys).toEqual(expect.arrayContaining([...(lookup.readQuery(query) ?? ['?'])]));
  });

  it.each<[string, (certificate: Awaited<ReturnType<typeof issue>>) => unknown, RegExp]>([
    ['spends another output', (certificate) => certificate, /no input spends/u],
    ['is no JSON', () => '{', /not JSON/u],
    ['is no certificate', () => ({}), /type/u],
    [
      'has its keyring',
      (certificate) => ({ ...certificate, keyring: { name: Buffer.alloc(80, 1).toString('base64') } }),
      /keyring/u,
    ],
    [
      'names an outpoint that its certifier did not sign',
      (certificate) => ({ ...certificate, revocationOutpoint: `${TXID}.0` }),
      /not signed/u,
    ],
  ])('refuses one whose certificate %s', async (_, change, reason) => {
    const certificate = await issue();
    const verdict = judge(spending([TXID, 0]), change(certificate));
    expect(verdict).toMatchObject({ admitted: false, reason: expect.stringMatching(reason) });
    expect(verdict).not.toHaveProperty('isElsewhere');
  });

  it('cannot revoke what cannot be revoked', async () => {
    const certificate = await issue(`${'00'.repeat(32)}.0`);
    expect(judge(spending(['00'.repeat(32), 0]), certificate)).toMatchObject({ admitted: false });
  });

  it('is not concerned by what shows no certificate, and keeps evidence that is spent', () => {
    expect(judge(spending([TXID, 3]))).toMatchObject({ admitted: false, isElsewhere: true });
    expect(judge(spending([TXID, 3]), undefined, [coin])).toEqual({
      admitted: true,
      admittance: { admit: [], coinsToRetain: [1], coinsToRemove: [] },
    });
  });

  it.each([
    [{ outpoint: `${TXID}.03` }],
    [{ outpoint: `${TXID}.3`, certificateHash: TXID }],
    [{ certifier: subject }],
    [{ serialNumber: 'AA==', outpoint: `${TXID}.3` }],
    [{ certifier: subject, serialNumber: 'AA==' }],
    [{ findAll: true }],
    [{}],
    [null],
    ['findAll'],
  ])('ls_revocation does not take %j', (query) => {
    expect(lookup.readQuery(query)).toBeUndefined();
  });
});
