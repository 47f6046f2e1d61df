import { Injectable } from '@nestjs/common';
import { encodeLeaf, hashState, type AuditDecision } from '#atomic-core';
import type { Caller } from '../identity';

export interface AuditedDecision {
  readonly decision: AuditDecision;
  readonly caller: Pick<Caller, 'organisation' | 'identityKey' | 'requestId'>;
  /** A txid or `<txid>.<vout>`. */
  readonly subject: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** Puts a decision into the bytes that the COMMIT appends to the audit log. */
@Injectable()
export class AuditService {
  writeLeaf({ decision, caller, subject, before, after }: AuditedDecision): Buffer {
    const { organisation, identityKey, requestId } = caller;
    return encodeLeaf({
      decision,
      atMs: Date.now(),
      organisation,
      identityKey,
      requestId,
      subject,
      beforeHash: hashState(before),
      afterHash: hashState(after),
    });
  }
}
