import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { Result, VerifiedTransaction } from '#atomic-core';
import { CONFIG, type Config } from '../config';
import { VerificationService } from '../verification';
import type { BatchStop } from './batch-stop';
import { Lanes } from './lanes';

/** Single submissions go first in the line before the workers; who meets a full line this often in a row is told to come back. */
const ATTEMPTS_MAX = 8;
const PAUSE_MS = 250;

/** Verifies the items of all batches of this process, in fewer lanes than there are workers: a batch must not keep single submissions waiting. */
@Injectable()
export class BatchVerification {
  private readonly lanes: Lanes;

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(VerificationService) private readonly verification: VerificationService,
  ) {
    this.lanes = new Lanes(Math.max(1, config.verificationWorkers - 1));
  }

  async verify(beef: Uint8Array, stop: BatchStop): Promise<Result<VerifiedTransaction>> {
    for (let attempt = 1; ; attempt += 1) {
      const verified = await this.lanes.run(() => this.verifyUnless(stop, beef));
      const isBusy = !verified.ok && verified.rejection.code === 'verification-busy';
      if (!isBusy || attempt === ATTEMPTS_MAX) return verified;
      // A wait that is stopped ends early, which is all that is asked of it.
      await pause(PAUSE_MS, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  }

  /** Asked when the lane is free: what was stopped while it waited in line costs nothing more. */
  private async verifyUnless(stop: BatchStop, beef: Uint8Array): Promise<Result<VerifiedTransaction>> {
    const stopped = stop.reason();
    return stopped === undefined ? this.verification.verify(beef, 'bulk') : { ok: false, rejection: stopped };
  }
}
