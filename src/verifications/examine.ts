import {
  rejections,
  type RefusedPlace,
  type Rejection,
  type ScriptAccount,
  type Txid,
  type VerdictStage,
  type VerifiedTransaction,
} from '#atomic-core';
import type { VerificationService } from '../verification';

export type Examination =
  | {
      readonly ok: true;
      readonly transaction: VerifiedTransaction;
      readonly accounts: ReadonlyMap<Txid, ScriptAccount>;
    }
  | {
      readonly ok: false;
      readonly rejection: Rejection;
      readonly stage: VerdictStage;
      readonly place: RefusedPlace | undefined;
    };

/** The verdict of a submission, with where it fell and what it is about. */
export async function examine(verification: VerificationService, beef: Uint8Array): Promise<Examination> {
  const read = await verification.read(beef);
  if (!read.ok) {
    const place = await findPlace(verification, beef, read.rejection);
    return { ok: false, rejection: read.rejection, stage: place?.isReadable === true ? 'ancestry' : 'read', place };
  }
  const proven = await verification.examine(read.value);
  if (proven.ok) return { ok: true, ...proven.value };
  const place = await findPlace(verification, beef, proven.rejection);
  const stage = proven.rejection.code === 'proof-root-invalid' ? 'roots' : 'scripts';
  return { ok: false, rejection: proven.rejection, stage, place };
}

async function findPlace(
  verification: VerificationService,
  beef: Uint8Array,
  { code, at }: Rejection,
): Promise<RefusedPlace | undefined> {
  // "Not known now" is about us: there is no place in the BEEF to look for.
  return rejections[code].status >= 500 ? undefined : verification.locate(beef, at?.txid);
}
