import { randomBytes } from 'node:crypto';
import { limits } from '#atomic-core';
import { issueDocument, retireDocument, type DocumentContent } from '#testkit';
import { SubmissionsRig, type Answer } from '../contract/submissions-rig';

const contentOf = (documentId: string): DocumentContent => ({
  kind: 'invoice',
  documentId,
  contentHash: randomBytes(32),
});
const outputsOf = ({ json }: Answer): { beef: number[]; outputIndex: number }[] =>
  json['outputs'] as { beef: number[]; outputIndex: number }[];

describe('a lookup among hostile neighbours', () => {
  let rig: SubmissionsRig;
  beforeAll(async () => (rig = await SubmissionsRig.open()), 120_000);
  afterAll(() => rig.close(), 60_000);

  // Fifty outputs of 4 MiB each would be 1.6 GB of numbers in the main process, for one small question that anybody may ask.
  it('does not carry more BEEF than its budget, however bulky the ancestors', async () => {
    const bulky = await rig.openCaller(1_000_000);
    const data = `006a4e${Buffer.of(0, 0, 0x18, 0).toString('hex')}${'00'.repeat(0x18_0000)}`;
    const ballast = { satoshis: 0, lockingScript: data, outputDescription: 'ballast' };
    await bulky.wallet.createAction({ description: 'a large ancestor', outputs: [ballast] });
    for (let copies = 0; copies < 4; copies += 1) {
      const { beef } = await issueDocument(bulky.wallet, contentOf('BULKY'));
      expect((await bulky.submit(beef)).status).toBe(201);
      // The wallet shares this process with the gateway, and holds it for seconds over such an ancestor: longer than a statement that waits for it may take.
      await rig.waitUntilBroadcast();
    }
    const sizes = outputsOf(await bulky.lookup({ documentId: 'BULKY' })).map(({ beef }) => beef.length);
    expect(sizes.length).toBeGreaterThan(0);
    expect(sizes.slice(0, -1).reduce((sum, size) => sum + size, 0)).toBeLessThan(limits.LOOKUP_BEEF_BYTES_MAX);
    expect(sizes.length).toBeLessThan(4);
  }, 120_000);

  // Anybody may issue under a name that somebody else uses, and fifty such tokens fill an answer.
  it('finds the token of one issuer, whoever else uses its name', async () => {
    const [honest, squatter] = [await rig.openCaller(), await rig.openCaller()];
    for (const party of [honest, squatter]) {
      expect((await party.submit((await issueDocument(party.wallet, contentOf('INV-7'))).beef)).status).toBe(201);
    }
    expect(outputsOf(await honest.lookup({ documentId: 'INV-7' }))).toHaveLength(2);
    const issuerKey = honest.wallet.identityKey;
    expect(outputsOf(await honest.lookup({ documentId: 'INV-7', issuerKey }))).toHaveLength(1);
    expect(outputsOf(await honest.lookup({ documentId: 'INV-7', issuerKey, kind: 'invoice' }))).toHaveLength(1);
    expect(outputsOf(await honest.lookup({ documentId: 'INV-7', issuerKey, kind: 'order' }))).toHaveLength(0);
  }, 60_000);

  // The topic is not told of a spend that comes as an ancestor of something else, but the ledger is.
  it('does not show a token that the ledger knows to be spent', async () => {
    const holder = await rig.openCaller();
    const token = await issueDocument(holder.wallet, contentOf('BURNT'));
    expect((await holder.submit(token.beef)).status).toBe(201);
    await retireDocument(holder.wallet, token);
    const { beef } = await issueDocument(holder.wallet, contentOf('PHOENIX'));
    expect((await holder.submit(beef)).status).toBe(201);
    expect(outputsOf(await holder.lookup({ documentId: 'PHOENIX' }))).toHaveLength(1);
    expect(outputsOf(await holder.lookup({ documentId: 'BURNT' }))).toEqual([]);
  }, 60_000);
});
