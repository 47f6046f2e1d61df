import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { GatewayKeys } from '#atomic-core';
import { listSubjectKeysWrappedBy, rewrapSubjectKey, type OwnedSubjectKey } from '#ledger';
import { RoundRunner } from '../database';
import { KeyRing, type SubjectKeyOpener } from '../keys';
import { Log } from '../telemetry';

const PAGE = 100;
const VECTOR_BYTES = 12;
const BEGINNING = { organisation: '', subject: '' };

/**
 * Wraps the keys of subjects again under the gateway's current key, so that the one that wrapped them may one day leave the store. Safe on every replica at
 * once: a row is written once.
 */
@Injectable()
export class SubjectKeysRunner extends RoundRunner {
  protected readonly undone = 'keys of subjects were not wrapped again';

  constructor(
    @Inject(KeyRing) private readonly ring: KeyRing,
    @Inject(DataSource) database: DataSource,
    @Inject(Log) log: Log,
  ) {
    super(database, log);
  }

  protected async run(): Promise<void> {
    const { current } = this.ring;
    // A key that is not current yet wraps nothing, and is passed over as quickly. One that was ended in a hurry left everything as it was.
    for (const opener of this.ring.listSubjectKeyOpeners())
      if (opener.identityKey !== current.identityKey) await this.#rewrap(opener, current);
  }

  async #rewrap(old: SubjectKeyOpener, current: GatewayKeys): Promise<void> {
    let rewrapped = 0;
    let page: readonly OwnedSubjectKey[] = [];
    do {
      page = await listSubjectKeysWrappedBy(this.database, old.identityKey, page.at(-1) ?? BEGINNING, PAGE);
      for (const stored of page) {
        const dataKey = old.unwrapSubjectKey(stored.wrapped, stored);
        // Not what it says it is. It stays: whoever looks at it is told.
        if (dataKey === undefined) continue;
        const wrapped = current.wrapSubjectKey(dataKey, randomBytes(VECTOR_BYTES), stored);
        dataKey.fill(0);
        if (await rewrapSubjectKey(this.database, stored, { wrapped, wrappedBy: current.identityKey })) rewrapped += 1;
      }
    } while (page.length === PAGE && !this.isStopping);
    if (rewrapped > 0) this.log.write('info', 'keys of subjects were wrapped again', { rewrapped });
  }
}
