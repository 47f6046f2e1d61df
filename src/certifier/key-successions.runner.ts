import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { writeKeySuccession, type KeySuccession } from '#atomic-core';
import { keepKeySuccession } from '#ledger';
import { KeyRing } from '../keys';
import { Log } from '../telemetry';

/** Any overlap is longer, but that of a key that was ended at once, which names nobody. */
const PAUSE_MS = 30_000;

/**
 * Has each key that is about to end say which one follows it, so that whoever pinned it can follow. From the time of the new key on and not before: a plan may be dropped,
 * and what a key has said cannot be taken back.
 */
@Injectable()
export class KeySuccessionsRunner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  #isStopping = false;
  /** What this process has kept already. */
  readonly #kept = new Set<string>();

  constructor(
    @Inject(KeyRing) private readonly ring: KeyRing,
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(Log) private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.#begin();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  #begin(): void {
    this.#round = this.#run().finally(() => {
      if (!this.#isStopping) this.#timer = setTimeout(() => this.#begin(), PAUSE_MS).unref();
    });
  }

  async #run(): Promise<void> {
    try {
      for (const succession of this.#listDue()) {
        const keys = this.ring.find(succession.certifier);
        if (keys === undefined) continue;
        await keepKeySuccession(this.database, succession, keys.signKeySuccession(writeKeySuccession(succession)));
        this.#kept.add(succession.certifier);
      }
    } catch (error) {
      this.log.write('warn', 'the successor of a key was not written down', { error });
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
