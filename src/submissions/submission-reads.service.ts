import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { accept, reject, type Result, type Settlement } from '#atomic-core';
import { findTransition, listSettlementEvents, type TransitionRecord } from '#ledger';
import { findAtomicBeef } from '../lookup';
import { writeSubmission } from './write-answer';

const POLL_MS = 50;
const POLL_MS_MAX = 500;

/** What became of submissions. Another organisation's is as absent as one that never was. */
@Injectable()
export class SubmissionReads {
  constructor(@Inject(DataSource) private readonly database: DataSource) {}

  async describe(organisation: string, idOrTxid: string): Promise<Result<Record<string, unknown>>> {
    const record = await findTransition(this.database, organisation, idOrTxid);
    if (record === undefined) return reject('submission-unknown');
    return accept(writeSubmission(record, await listSettlementEvents(this.database, organisation, record.id)));
  }

  /** Atomic BEEF with the newest proofs. */
  async writeBeef(organisation: string, idOrTxid: string): Promise<Result<Buffer>> {
    const record = await findTransition(this.database, organisation, idOrTxid);
    if (record === undefined) return reject('submission-unknown');
    return findAtomicBeef(this.database, record.txid);
  }

  /** The settlement once it is more than `applied`, or when the time or the caller's patience ends. Each look is one short query. */
  async waitForNetwork(
    organisation: string,
    id: string,
    wait: { readonly ms: number; readonly signal: AbortSignal },
  ): Promise<Settlement> {
    const deadline = performance.now() + wait.ms;
    for (let pauseMs = POLL_MS; ; pauseMs = Math.min(pauseMs * 1.5, POLL_MS_MAX)) {
      const record: TransitionRecord | undefined = await findTransition(this.database, organisation, id);
      const settlement = record?.settlement ?? 'applied';
      const leftMs = deadline - performance.now();
      if (settlement !== 'applied' || leftMs <= 0 || wait.signal.aborted) return settlement;
      await pause(Math.min(pauseMs, leftMs), wait.signal);
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
