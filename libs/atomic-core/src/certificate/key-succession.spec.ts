import { openGatewayKeys } from '../identity/gateway-keys';
import { isSuccessor, writeKeySuccession, writeSuccessionJson } from './key-succession';
import { verifyRevocationStatus, writeRevocationStatus, writeStatusJson } from './verify-revocation-status';

const keys = ['11', '22', '33', '44'].map((octet) => openGatewayKeys(octet.repeat(32)));
const [first, second, third, stranger] = keys as [
  (typeof keys)[0],
  (typeof keys)[0],
  (typeof keys)[0],
  (typeof keys)[0],
];
const issuedAt = '2026-11-30T09:00:00.000Z';

const follow = (from: typeof first, to: typeof first, by = from) => {
  const succession = { certifier: from.identityKey, successor: to.identityKey, issuedAt };
  const signature = Buffer.from(by.signKeySuccession(writeKeySuccession(succession))).toString('hex');
  return { succession: writeSuccessionJson(succession), signature };
};
const question = { from: first.identityKey, to: third.identityKey };

it('leads from a key to the one that it names, and on from that', () => {
  expect(isSuccessor([follow(first, third)], question)).toBe(true);
  expect(isSuccessor([follow(first, second), follow(second, third)], question)).toBe(true);
});

it.each<[string, unknown]>([
  ['that somebody else signed', [follow(first, third, stranger)]],
  ['that the successor signed', [follow(first, third, third)]],
  ['with a gap', [follow(first, second), follow(stranger, third)]],
  ['in the wrong order', [follow(second, third), follow(first, second)]],
  ['that ends elsewhere', [follow(first, second)]],
  ['that goes on', [follow(first, third), follow(third, stranger)]],
  ['that begins elsewhere', [follow(second, third)]],
  ['that is empty', []],
  ['that is none', undefined],
  ['of nothing', [null, 7]],
  ['that was changed', [{ ...follow(first, second), succession: follow(first, third).succession }]],
  ['of another version', [{ ...follow(first, third), succession: { ...follow(first, third).succession, version: 2 } }]],
  ['that is too long', Array.from({ length: 13 }, () => follow(first, third))],
])('leads nowhere by a way %s', (_what, way) => {
  expect(isSuccessor(way, question)).toBe(false);
});

describe('what a successor says of a certificate', () => {
  const outpoint = `${'ab'.repeat(32)}.0`;
  const nowMs = Date.parse('2026-11-30T09:00:30.000Z');
  const status = {
    ...{ certifier: second.identityKey, outpoint, state: 'good' as const, spenderTxid: undefined },
    ...{ asOf: issuedAt, issuedAt, validUntil: '2026-11-30T09:10:00.000Z' },
  };
  const say = (by: typeof first, successions?: unknown) => ({
    status: writeStatusJson(status),
    signature: Buffer.from(by.signRevocationStatus(writeRevocationStatus(status))).toString('hex'),
    successions,
  });
  const ask = (said: unknown) => verifyRevocationStatus(said, { certifier: first.identityKey, outpoint, nowMs }).ok;

  it('is believed by whoever pinned the key before, and nothing without the way', () => {
    expect(ask(say(second, [follow(first, second)]))).toBe(true);
    for (const said of [say(second), say(second, []), say(second, [follow(second, first)])])
      expect(ask(said)).toBe(false);
    // The way is true, and the statement is of another than whom it leads to.
    expect(ask(say(third, [follow(first, second)]))).toBe(false);
  });
});
