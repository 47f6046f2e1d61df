import { P2PKH, PrivateKey, Transaction } from '@bsv/sdk';
import type { ChainTip, ChainTracker } from '#ports';
import { buildProvenTransaction } from '#testkit';
import { parseSettings, resolveConfig } from '../../src/config';
import { BatchVerification } from '../../src/submissions/batch-verification.service';
import { Log, Metrics } from '../../src/telemetry';
import { VerificationService } from '../../src/verification';

const ITEMS = 1_000;
const SINGLES = 50;
/** Inputs of an item of the batch, each a signature: some milliseconds of work. */
const SLOW_INPUTS = 40;

const TIP: ChainTip = { height: 1_000, hash: '0'.repeat(64), medianTimePast: 1_795_000_000 };
const chain: ChainTracker = {
  judgeRoots: (questions) => Promise.resolve(questions.map(() => 'OK' as const)),
  judgeRootsUnder: (_, questions) => Promise.resolve(questions.map(() => 'OK' as const)),
  findTip: () => Promise.resolve(TIP),
  recallTip: () => TIP,
};
/** Nothing is remembered: each item costs what the first one cost. */
const forgetful = {
  findKnown: (graph: { needed: Uint8Array }) => Promise.resolve(new Uint8Array(graph.needed.length)),
  remember: () => undefined,
};
const goesOn = { signal: new AbortController().signal, reason: () => undefined };

describe('a batch of a thousand slow submissions', () => {
  jest.setTimeout(180_000);

  it.each([1, 2])('lets every single one pass before it, with %i workers, and is served itself', async (workers) => {
    const config = resolveConfig(
      parseSettings({ identityKey: '11'.repeat(32), verificationWorkers: workers, dataDir: '/nowhere' }),
    );
    const log = new Log({ level: 'silent' });
    const service = new VerificationService(config, chain, new Metrics(), log, forgetful as never);
    try {
      const [slow, quick] = [await buildSpend(SLOW_INPUTS), await buildSpend(1)];
      while (!(await service.verify(quick)).ok);
      const batch = new BatchVerification(config, service);
      const served: ('batch' | 'single')[] = [];
      const items = Array.from({ length: ITEMS }, async () => {
        const verdict = await batch.verify(slow, goesOn as never);
        served.push('batch');
        return verdict.ok;
      });
      const before: number[] = [];
      for (let single = 0; single < SINGLES; single += 1) {
        const from = served.length;
        expect((await service.verify(quick)).ok).toBe(true);
        before.push(served.slice(from).filter((kind) => kind === 'batch').length);
        served.push('single');
      }
      // One item may be at work on each thread when a single comes, one more may begin between its reading and its scripts, and one may be told of late.
      expect(Math.max(...before)).toBeLessThanOrEqual(workers + 2);
      expect(served.filter((kind) => kind === 'batch').length).toBeLessThan(ITEMS);
      expect((await Promise.all(items)).filter((ok) => ok)).toHaveLength(ITEMS);
    } finally {
      await service.onApplicationShutdown();
    }
  });
});

/** One transaction over so many outputs of a proven one. */
async function buildSpend(inputs: number): Promise<Uint8Array> {
  const key = PrivateKey.fromRandom();
  const lockingScript = new P2PKH().lock(key.toAddress());
  const { transaction } = buildProvenTransaction(
    Array.from({ length: inputs }, () => ({ lockingScript, satoshis: 10 })),
  );
  const spend = new Transaction();
  for (let sourceOutputIndex = 0; sourceOutputIndex < inputs; sourceOutputIndex += 1) {
    const unlockingScriptTemplate = new P2PKH().unlock(key);
    spend.addInput({
      sourceTransaction: transaction,
      sourceOutputIndex,
      unlockingScriptTemplate,
      sequence: 0xffffffff,
    });
  }
  spend.addOutput({ lockingScript, satoshis: inputs });
  await spend.sign();
  return spend.toAtomicBEEFUint8Array();
}
