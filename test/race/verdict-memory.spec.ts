import { P2PKH, PrivateKey, Transaction } from '@bsv/sdk';
import type { Result } from '#atomic-core';
import { buildProvenTransaction, createTestDatabase, plantBlock } from '#testkit';
import type { TestDatabase } from '#testkit';
import type { DataSource } from 'typeorm';
import { ChainTrackerService } from '../../src/chain';
import { parseSettings, resolveConfig } from '../../src/config';
import { ScriptVerdicts, VerificationService } from '../../src/verification';
import { VerificationProcess } from './verification-process';

const ROUNDS = Number(process.env['RACE_ROUNDS'] ?? 40);
const HEIGHT = 100;
const OTHER_ROOT = 'ee'.repeat(32);
const log = { write: () => undefined };
const hits = new Map<string, number>();
const metrics = {
  gauge: () => undefined,
  counter: (name: string) => (amount: number) => hits.set(name, (hits.get(name) ?? 0) + amount),
};

describe('what is remembered races with a reorg', () => {
  jest.setTimeout(180_000);
  let database: TestDatabase;
  let spend: { beef: Uint8Array; merkleRoot: string };
  let work = 1;
  const services: VerificationService[] = [];

  const open = (pool: DataSource): VerificationService => {
    const config = resolveConfig(
      parseSettings({ identityKey: '11'.repeat(32), verificationWorkers: 1, dataDir: '/nowhere' }),
    );
    const verdicts = new ScriptVerdicts(config, pool, metrics, log);
    const service = new VerificationService(
      config,
      new ChainTrackerService(pool),
      metrics as never,
      log as never,
      verdicts,
    );
    services.push(service);
    return service;
  };
  let left: VerificationService;
  let right: VerificationService;
  /** The build, in a process of its own: nothing of the memory of this one can be shared with it by accident. */
  let other: VerificationProcess;
  const askAll = async (): Promise<string[]> => {
    const here = [left, right].map(async (service) => codeOf(await service.verify(spend.beef)));
    return Promise.all([...here, other.verify(spend.beef).then(({ code }) => code)]);
  };

  beforeAll(async () => {
    database = await createTestDatabase();
    spend = await buildSpend();
    left = open(database.dataSource);
    right = open(await database.openPool());
    other = await VerificationProcess.open(database.url);
    await putOnChain(spend.merkleRoot);
    for (const service of [left, right]) while (codeOf(await service.verify(spend.beef)) === 'verification-busy');
  }, 120_000);
  afterAll(async () => {
    await other.close();
    await Promise.all(services.map((service) => service.onApplicationShutdown()));
    await database.drop();
  });

  /** Another branch from `HEIGHT` on becomes the best, in one transaction, as whichever replica follows the sources would do it. */
  const putOnChain = (root: string): Promise<void> =>
    database.owner.transaction(async (manager) => {
      for (const height of [HEIGHT, HEIGHT + 1, HEIGHT + 2]) {
        await plantBlock(manager, height, height === HEIGHT ? root : 'ab'.repeat(32));
      }
      // More work than the branch before: of two equal ones neither is called wrong.
      work += 1;
      await manager.query('update portcullis.block_header set work = $1 where is_best', [work]);
    });

  it('a proof remembered by one replica dies with the reorg that another one follows, in this process and in another', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      await putOnChain(spend.merkleRoot);
      expect(await askAll()).toEqual(['ok', 'ok', 'ok']);
      const race = { isOver: false };
      const reorg = putOnChain(OTHER_ROOT).then(() => (race.isOver = true));
      while (!race.isOver) {
        for (const code of await askAll()) expect(['ok', 'proof-root-invalid']).toContain(code);
      }
      await reorg;
      // Whoever asks from here on asks after the reorg, and no memory of any replica may say otherwise.
      expect(await askAll()).toEqual(['proof-root-invalid', 'proof-root-invalid', 'proof-root-invalid']);
    }
  });

  it('a reorg between reading and answering is in the answer', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      await putOnChain(spend.merkleRoot);
      expect(codeOf(await left.verify(spend.beef))).toBe('ok');
      const graph = await left.read(spend.beef);
      if (!graph.ok) throw new Error(graph.rejection.code);
      await putOnChain(OTHER_ROOT);
      expect(codeOf(await left.prove(graph.value))).toBe('proof-root-invalid');
    }
  });

  it('a script verdict outlives the reorg, and is no reason to take what the chain refuses', async () => {
    await putOnChain(OTHER_ROOT);
    expect(codeOf(await left.verify(spend.beef))).toBe('proof-root-invalid');
    await putOnChain(spend.merkleRoot);
    const before = hits.get('script_verdict_hits') ?? 0;
    expect(codeOf(await left.verify(spend.beef))).toBe('ok');
    expect(hits.get('script_verdict_hits')).toBe(before + 1);
  });
});

const codeOf = (verdict: Result<unknown>): string => (verdict.ok ? 'ok' : verdict.rejection.code);

async function buildSpend(): Promise<{ beef: Uint8Array; merkleRoot: string }> {
  const key = PrivateKey.fromRandom();
  const lockingScript = new P2PKH().lock(key.toAddress());
  const { transaction, merkleRoot } = buildProvenTransaction([{ lockingScript, satoshis: 10 }], HEIGHT);
  const spend = new Transaction();
  const unlockingScriptTemplate = new P2PKH().unlock(key);
  spend.addInput({
    sourceTransaction: transaction,
    sourceOutputIndex: 0,
    unlockingScriptTemplate,
    sequence: 0xffffffff,
  });
  spend.addOutput({ lockingScript, satoshis: 9 });
  await spend.sign();
  return { beef: spend.toAtomicBEEFUint8Array(), merkleRoot };
}
