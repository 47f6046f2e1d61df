import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  accept,
  limits,
  readTrustBundle,
  reject,
  verifyTrustBundle,
  writeBundleJson,
  writeTrustBundle,
  type Result,
  type VerifiedTrustBundle,
} from '#atomic-core';
import { exportTrust, type TrustChange } from '#ledger';
import type { Caller } from '../identity';
import { KeyRing } from '../keys';
import { TrustService } from './trust.service';

const DAY_MS = 86_400_000;

export interface AskedImport {
  readonly bundle: unknown;
  readonly signature: unknown;
  readonly effectiveAt: Date | undefined;
}

/** What organisations tell each other of their certifiers, signed by the gateway of each. */
@Injectable()
export class BundlesService {
  constructor(
    @Inject(KeyRing) private readonly ring: KeyRing,
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(TrustService) private readonly trust: TrustService,
  ) {}

  /** Of the caller's organisation: the certifiers that say themselves that they are its own. What came from others is not handed on. */
  async export(caller: Caller, days: number): Promise<Result<Record<string, unknown>>> {
    const kept = this.trust.refuseGuest(caller);
    if (!kept.ok) return kept;
    const { organisation } = caller;
    const { issuedAt, sequence, rules } = await exportTrust(
      this.database,
      organisation,
      limits.TRUST_BUNDLE_RULES_MAX + 1,
    );
    if (rules.length > limits.TRUST_BUNDLE_RULES_MAX)
      return reject('trust-limit-exceeded', `A bundle has ${limits.TRUST_BUNDLE_RULES_MAX} rules at most.`);
    // What is issued now is issued under the current key, whichever the caller's session is of.
    const keys = this.ring.current;
    const bundle = {
      ...{ issuer: keys.identityKey, organisation, sequence, rules },
      ...{ issuedAt: issuedAt.toISOString(), expiresAt: new Date(issuedAt.getTime() + days * DAY_MS).toISOString() },
    };
    const signature = Buffer.from(keys.signTrustBundle(writeTrustBundle(bundle))).toString('hex');
    const signed = { bundle: writeBundleJson(bundle), signature };
    // Nobody would take one with an endorsement of before our key changed: whoever has to ask for a new one is told here.
    const judged = judgeBundle(signed);
    return judged.ok ? accept(signed) : judged;
  }

  /** A change like any other. Signatures are judged here; pin, sequence and time in the statement, when it is proposed and when it takes effect. */
  async import(caller: Caller, { bundle, signature, effectiveAt }: AskedImport): Promise<Result<TrustChange>> {
    const kept = this.trust.refuseGuest(caller);
    if (!kept.ok) return kept;
    const verified = judgeBundle({ bundle, signature });
    if (!verified.ok) return verified;
    return this.trust.propose(caller, { content: { kind: 'import', bundle: verified.value }, effectiveAt });
  }
}

function judgeBundle(signed: Pick<AskedImport, 'bundle' | 'signature'>): Result<VerifiedTrustBundle> {
  const read = readTrustBundle(signed);
  return read.ok ? verifyTrustBundle(read.value) : read;
}
