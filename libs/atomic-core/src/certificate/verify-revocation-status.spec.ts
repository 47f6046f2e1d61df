import { ProtoWallet } from '@bsv/sdk';
import { openGatewayKeys } from '../identity/gateway-keys';
import type { RevocationStatus } from './revocation-status';
import {
  STATUS_LIFE_MS_MAX,
  verifyRevocationStatus,
  writeRevocationStatus,
  writeStatusJson,
} from './verify-revocation-status';

const keys = openGatewayKeys('11'.repeat(32));
const others = openGatewayKeys('22'.repeat(32));
const nowMs = Date.parse('2026-11-30T09:00:30.000Z');
const outpoint = `${'ab'.repeat(32)}.0`;
const question = { certifier: keys.identityKey, outpoint, nowMs };
const good: RevocationStatus = {
  ...{ certifier: keys.identityKey, outpoint, state: 'good', spenderTxid: undefined },
  ...{ asOf: '2026-11-30T08:59:00.000Z', issuedAt: '2026-11-30T09:00:00.000Z', validUntil: '2026-11-30T09:10:00.000Z' },
};
const revoked: RevocationStatus = { ...good, state: 'revoked', spenderTxid: 'cd'.repeat(32) };

const sign = (status: RevocationStatus, by = keys): { status: object; signature: string } => ({
  status: writeStatusJson(status),
  signature: Buffer.from(by.signRevocationStatus(writeRevocationStatus(status))).toString('hex'),
});

describe('what a certifier says of a certificate', () => {
  it('is believed where it signed it, GOOD or REVOKED', () => {
    expect(verifyRevocationStatus(sign(good), question)).toEqual({ ok: true, value: good });
    expect(verifyRevocationStatus(sign(revoked), question)).toEqual({ ok: true, value: revoked });
  });

  it('can be verified by anybody with a stock wallet', async () => {
    const anyone = new ProtoWallet('anyone');
    expect(
      await anyone.verifySignature({
        data: [...writeRevocationStatus(good)],
        signature: [...Buffer.from(sign(good).signature, 'hex')],
        protocolID: [2, 'portcullis certificate status'],
        keyID: '1',
        counterparty: keys.identityKey,
      }),
    ).toMatchObject({ valid: true });
  });

  const late = (status: RevocationStatus, change: Partial<RevocationStatus>): RevocationStatus => ({
    ...status,
    ...change,
  });
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a text', 'good'],
    ['a list', [sign(good)]],
    ['without a signature', { status: writeStatusJson(good) }],
    ['of another version', { ...sign(good), status: { ...writeStatusJson(good), version: 2 } }],
    [
      'with a word more: it was not signed',
      { ...sign(good), status: { ...writeStatusJson(good), asOf: good.issuedAt } },
    ],
    ['signed by another', sign(good, others)],
    ['of another certifier, signed by that one', sign({ ...good, certifier: others.identityKey }, others)],
    ['about another outpoint', sign({ ...good, outpoint: `${'ab'.repeat(32)}.1` })],
    ['that has run out', sign(late(good, { validUntil: '2026-11-30T09:00:30.000Z' }))],
    ['from the future', sign(late(good, { asOf: '2026-11-30T09:02:00.000Z', issuedAt: '2026-11-30T09:02:00.000Z' }))],
    ['known before it was said', sign(late(good, { asOf: '2026-11-30T09:00:00.001Z' }))],
    [
      'that lasts longer than an hour',
      sign(late(good, { validUntil: new Date(Date.parse(good.issuedAt) + STATUS_LIFE_MS_MAX + 1).toISOString() })),
    ],
    ['GOOD with a spender', { ...sign(revoked), status: { ...writeStatusJson(revoked), state: 'good' } }],
    ['REVOKED by nobody', sign({ ...revoked, spenderTxid: undefined })],
    ['with a moment in another spelling', sign(late(good, { issuedAt: '2026-11-30T09:00:00Z' }))],
  ])('is not believed: %s', (_what, value) => {
    expect(verifyRevocationStatus(value, question)).toMatchObject({ rejection: { code: 'revocation-unknown' } });
  });
});
