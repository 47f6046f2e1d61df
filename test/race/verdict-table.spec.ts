import { P2PKH, PrivateKey, Transaction } from '@bsv/sdk';
import { buildProvenTransaction, createTestDatabase, plantBlock } from '#testkit';
import type { TestDatabase } from '#testkit';
import { VerificationProcess } from './verification-process';

/** From 16 unproven transactions on the table is asked. */
const UNPROVEN = 20;
const HEIGHT = 100;

describe('script verdicts that one process stored', () => {
  jest.setTimeout(120_000);
  let database: TestDatabase;
  let chain: { beef: Uint8Array; merkleRoot: string };

  beforeAll(async () => {
    database = await createTestDatabase();
    chain = await buildChain();
    for (const height of [HEIGHT, HEIGHT + 1]) {
      await plantBlock(database.owner, height, height === HEIGHT ? chain.merkleRoot : 'ab'.repeat(32));
    }
  }, 120_000);
  afterAll(() => database.drop());

  /** One process from its start to its end; what it found is in the table when it has ended. */
  const verifyInOneProcess = async (): Promise<Readonly<Record<string, number>>> => {
    const gateway = await VerificationProcess.open(database.url);
    try {
      const { code, counts } = await gateway.verify(chain.beef);
      expect(code).toBe('ok');
      return counts;
    } finally {
      await gateway.close();
    }
  };

  it('spare another process the scripts: it asks its workers to read, and for nothing else', async () => {
    expect(await verifyInOneProcess()).toEqual({
      'verification_orders read': 1,
      'verification_orders scripts': 1,
      script_verdict_misses: UNPROVEN,
      'script_inputs fast': UNPROVEN,
    });
    const fromTable = {
      'verification_orders read': 1,
      'script_verdict_hits database': UNPROVEN,
      'script_inputs known': UNPROVEN,
    };
    expect(await verifyInOneProcess()).toEqual(fromTable);
    expect(await verifyInOneProcess()).toEqual(fromTable);
    await database.owner.query('truncate portcullis.script_verdict');
    expect(await verifyInOneProcess()).toMatchObject({ 'verification_orders scripts': 1 });
  });

  it('say nothing of the chain: under another root the same BEEF is refused by who remembers all of it', async () => {
    await verifyInOneProcess();
    await plantBlock(database.owner, HEIGHT, 'ee'.repeat(32));
    await database.owner.query(`update portcullis.block_header set work = work + 1 where is_best`);
    const gateway = await VerificationProcess.open(database.url);
    expect((await gateway.verify(chain.beef)).code).toBe('proof-root-invalid');
    await gateway.close();
  });
});

/** A proven coin, spent `UNPROVEN` times in a row. */
async function buildChain(): Promise<{ beef: Uint8Array; merkleRoot: string }> {
  const key = PrivateKey.fromRandom();
  const lockingScript = new P2PKH().lock(key.toAddress());
  const { transaction, merkleRoot } = buildProvenTransaction([{ lockingScript, satoshis: 1_000 }], HEIGHT);
  let last = transaction;
  for (let length = 1; length <= UNPROVEN; length += 1) {
    const spend = new Transaction();
    const unlockingScriptTemplate = new P2PKH().unlock(key);
    spend.addInput({ sourceTransaction: last, sourceOutputIndex: 0, unlockingScriptTemplate, sequence: 0xffffffff });
    spend.addOutput({ lockingScript, satoshis: 1_000 - length });
    await spend.sign();
    last = spend;
  }
  return { beef: last.toAtomicBEEFUint8Array(), merkleRoot };
}
