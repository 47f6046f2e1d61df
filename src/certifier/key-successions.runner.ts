import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { writeKeySuccession, type KeySuccession } from '#atomic-core';
import { keepKeySuccession } from '#ledger';
import { RoundRunner } from '../database';
import { KeyRing } from '../keys';
import { Log } from '../telemetry';

/**
 * Has each key that is about to end say which one follows it, so that whoever pinned it can follow. From the time of the new key on and not before: a plan may be dropped,
 * and what a key has said cannot be taken back.
 */
@Injectable()
export class KeySuccessionsRunner extends RoundRunner {
  protected readonly undone = 'the successor of a key was not written down';
  /** What this process has kept already. */
  readonly #kept = new Set<string>();

  constructor(
    @Inject(KeyRing) private readonly ring: KeyRing,
    @Inject(DataSource) database: DataSource,
    @Inject(Log) log: Log,
  ) {
    super(database, log);
  }

  protected async run(): Promise<void> {
    for (const succession of this.#listDue()) {
      const keys = this.ring.find(succession.certifier);
      if (keys === undefined) continue;
      await keepKeySuccession(this.database, succession, keys.signKeySuccession(writeKeySuccession(succession)));
      this.#kept.add(succession.certifier);
    }
  }

  #listDue(): KeySuccession[] {
    const nowMs = Date.now();
    const issuedAt = new Date(nowMs).toISOString();
    // The latest first: what follows a key stands before it.
    const begun = this.ring.listTerms().filter(({ fromMs }) => fromMs <= nowMs);
    return begun.flatMap(({ identityKey: certifier }, place) => {
      const successor = begun[place - 1]?.identityKey;
      return successor === undefined || this.#kept.has(certifier) ? [] : [{ certifier, successor, issuedAt }];
    });
  }
}
