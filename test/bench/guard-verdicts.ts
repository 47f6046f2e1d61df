import { type CryptoBackend } from '#atomic-core';
import { sdkAccepts, verifyOurs } from './engines';
import type { Fixture } from './shapes';

/**
 * One bit of one s flipped: every byte of structure stays right, and only curve arithmetic can tell. Of a subject that stands alone it is the first
 * signature, because the SDK takes seconds to arrive at the last one.
 */
const damageSignature = ({ beef, signed, unproven }: Fixture): Uint8Array => {
  const { der } = signed.at(unproven === 1 ? 0 : -1)!;
  const damaged = Buffer.from(beef);
  const at = damaged.lastIndexOf(der);
  if (at < 0) throw new Error('The fixture does not hold its own signature.');
  damaged[at + der.length - 2]! ^= 0x04;
  return new Uint8Array(damaged);
};

/** A time means nothing when the verdict is wrong: the good one must be accepted and the damaged one refused, by both. */
export const guardVerdicts = async (fixture: Fixture, crypto: CryptoBackend): Promise<void> => {
  const damaged = damageSignature(fixture);
  const good = verifyOurs(fixture.beef, crypto);
  if (!good.ok) throw new Error(`${fixture.name}: refused here as ${good.rejection.code} (${good.rejection.detail}).`);
  if (verifyOurs(damaged, crypto).ok) throw new Error(`${fixture.name}: a damaged signature was accepted here.`);
  if (!(await sdkAccepts(fixture.beef))) throw new Error(`${fixture.name}: the SDK refuses the fixture.`);
  if (await sdkAccepts(damaged)) throw new Error(`${fixture.name}: the SDK accepts a damaged signature.`);
};
