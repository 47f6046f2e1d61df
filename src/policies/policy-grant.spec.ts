import { makeOutpoint, type Txid } from '#atomic-core';
import { joinGrants } from './policy-grant';

const revocationOutpoint = makeOutpoint('ab'.repeat(32) as Txid, 0);
const relianceOn = (byte: number, since: number | undefined, mayBeUnknown = false) => ({
  certificateHash: Buffer.alloc(32, byte),
  revocationOutpoint,
  goodSince: since === undefined ? undefined : new Date(since),
  mayBeUnknown,
});

it('grants of several parts rest on all that each rests on, by the strictest answer that one of them asks', () => {
  const route = { policyVersion: 'c0', policies: ['b'], reliesOn: [relianceOn(1, 1_000, true)] };
  const topic = {
    policyVersion: 'c0',
    policies: ['a', 'b'],
    reliesOn: [relianceOn(1, 2_000), relianceOn(2, undefined, true)],
  };
  const joined = {
    policyVersion: 'c0',
    policies: ['a', 'b'],
    reliesOn: [relianceOn(1, 2_000), relianceOn(2, undefined, true)],
  };
  expect(joinGrants([route, topic])).toEqual(joined);
  expect(joinGrants([topic, route])).toEqual(joined);
});
