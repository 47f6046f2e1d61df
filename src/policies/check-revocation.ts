import { type Outpoint, printOutpoint } from '#atomic-core';
import type { RevocationService } from '../revocation';

/** What is known of a certificate at the time of a decision that rests on it. */
export interface RevocationCheck {
  readonly state: 'good' | 'revoked' | 'unknown' | 'not-revocable';
  /** Who says so; null where nobody does. */
  readonly source: string | null;
  /** When that was true. */
  readonly asOfMs: number;
}

export interface RevocationNeed {
  /** How old the answer may be; undefined: as old as it is. */
  readonly maxAgeMs: number | undefined;
  readonly nowMs: number;
}

/** Whether a certificate still holds, by an answer that is young enough: what is kept, else what the sources say now. */
export const checkRevocation = async (
  revocationOutpoint: Outpoint | undefined,
  { maxAgeMs, nowMs }: RevocationNeed,
  revocations: Pick<RevocationService, 'find'>,
): Promise<RevocationCheck> => {
  if (revocationOutpoint === undefined) return { state: 'not-revocable', source: null, asOfMs: nowMs };
  const [txid = '', vout] = printOutpoint(revocationOutpoint).split('.');
  const verdict = await revocations.find({ txid, vout: Number(vout) }, maxAgeMs);
  if (verdict.state === 'unknown') return { state: 'unknown', source: null, asOfMs: nowMs };
  const { state, source } = verdict;
  if (state === 'revoked') return { state, source, asOfMs: nowMs };
  // A source may answer from what it saw a while ago.
  const isOld = maxAgeMs !== undefined && nowMs - verdict.asOfMs > maxAgeMs;
  return { state: isOld ? 'unknown' : 'good', source, asOfMs: verdict.asOfMs };
};
