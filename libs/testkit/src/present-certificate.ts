import { randomBytes, randomUUID } from 'node:crypto';
import { presentCertificate, type Database, type Reliance } from '#ledger';
import type { Outpoint } from '#atomic-core';
import { randomOutpoint } from './ledger-plans';

/** What a COMMIT names of a certificate that it relies on, and whose it is. */
export interface PresentedCertificate extends Reliance {
  readonly revocationOutpoint: Outpoint;
  readonly subject: string;
}

interface PlainCertificate {
  readonly certifier?: string;
  readonly revocationOutpoint?: Outpoint;
}

/** ISO 8601: for when the certificates here were found good. */
export const GOOD_AS_OF = '2026-11-30T01:00:00.000Z';

/** A certificate in the ledger, as if it had been verified: kept, and its outpoint watched. Of `certifier`, and of an outpoint of nobody else, unless it says so. */
export const presentPlainCertificate = async (
  db: Database,
  state: 'good' | 'unknown' = 'good',
  { certifier = 'certifier', revocationOutpoint = randomOutpoint() }: PlainCertificate = {},
): Promise<PresentedCertificate> => {
  const certificateHash = randomBytes(32);
  const subject = `key ${randomUUID()}`;
  const done = await presentCertificate(db, {
    actor: { organisation: 'acme', identityKey: subject, requestId: 'r' },
    ...{ certifier, type: 'type', serialNumber: randomUUID(), hash: certificateHash, revocationOutpoint },
    ...{ revocation: { state, source: 'test', asOf: GOOD_AS_OF }, isWished: true },
    ...{ disclosed: new Map([['name', 'aa']]), disclosure: randomBytes(80) },
    key: { id: randomUUID(), wrapped: randomBytes(60), wrappedBy: 'key of the gateway', isNew: true },
  });
  if (!done.ok) throw new Error(`The certificate was not taken: ${done.rejection.code}.`);
  return { certificateHash, revocationOutpoint, subject, goodSince: undefined, mayBeUnknown: false };
};
