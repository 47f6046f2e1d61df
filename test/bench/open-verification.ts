import type { DataSource } from 'typeorm';
import type { Result, VerifiedTransaction } from '#atomic-core';
import type { ChainTip, ChainTracker } from '#ports';
import type { Config } from '../../src/config';
import type { Log, Metrics } from '../../src/telemetry';
import { ScriptVerdicts, VerificationService } from '../../src/verification';

export interface Verification {
  readonly workers: number;
  verify(beef: Uint8Array): Promise<Result<VerifiedTransaction>>;
  close(): Promise<void>;
}

const TIP: ChainTip = { height: 2_000_000, hash: '0'.repeat(64), medianTimePast: 1_795_000_000 };

/** A chain that agrees at once: what is measured is verification. */
const chain: ChainTracker = {
  judgeRoots: (questions) => Promise.resolve(questions.map(() => 'OK' as const)),
  judgeRootsUnder: (_, questions) => Promise.resolve(questions.map(() => 'OK' as const)),
  findTip: () => Promise.resolve(TIP),
  recallTip: () => TIP,
};

const config = {
  verificationQueueMax: 1_000,
  verificationTimeoutMs: 30_000,
  workerMemoryMb: 128,
  cryptoRequired: 'any',
  network: 'devnet',
};

const metrics = { gauge: () => undefined, counter: () => () => undefined };
const log = { write: () => undefined };

/**
 * The verification of the gateway as it is in production, pool and threads and all, with a chain and metrics that cost nothing. `remembered`: how many script
 * verdicts it keeps; none where every BEEF is met many times, because remembered verdicts would be timed as verifications.
 */
export const openVerification = (workers: number, remembered = 0): Verification => {
  const service = new VerificationService(
    { ...config, verificationWorkers: workers } as unknown as Config,
    chain,
    metrics as unknown as Metrics,
    log as unknown as Log,
    // Told to store nothing, so the database is never asked.
    new ScriptVerdicts(
      { scriptVerdictsMemoryMax: remembered, scriptVerdictsStoredMax: 0 },
      undefined as unknown as DataSource,
      metrics,
      log,
    ),
  );
  const verify = async (beef: Uint8Array): Promise<Result<VerifiedTransaction>> => {
    // The gateway turns away who waits too long for a thread, as while the first ones load or when somebody else has the machine; here it is simply asked again.
    for (;;) {
      const result = await service.verify(beef);
      if (result.ok || result.rejection.code !== 'verification-busy') return result;
    }
  };
  return {
    workers,
    verify,
    close: () => service.onApplicationShutdown(),
  };
};
