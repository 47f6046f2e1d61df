import { randomBytes } from 'node:crypto';
import { Beef, MerklePath, Transaction } from '@bsv/sdk';
import { fsck } from '#ledger';
import { issueDocument, retireDocument, transferDocument } from '#testkit';
import { SubmissionsRig } from '../contract/submissions-rig';

describe('a transaction in a block against one that is in none', () => {
  let rig: SubmissionsRig;
  beforeAll(async () => (rig = await SubmissionsRig.open()), 120_000);
  afterAll(async () => {
    const findings = await fsck(rig.database.owner);
    await rig.close();
    expect(findings.filter(({ ok }) => !ok)).toEqual([]);
  }, 60_000);

  // The holder has the token retired in a block and tells the gateway of a transfer. As long as the network's refusal of the transfer does not
  // arrive, whoever brings the proof must not be the one who is sent away.
  it('wins, and what it outweighs is retracted', async () => {
    const holder = await rig.openCaller();
    const token = await issueDocument(holder.wallet, { kind: 'order', documentId: 'X', contentHash: randomBytes(32) });
    expect((await holder.submit(token.beef, {}, { 'x-bsv-prefer': 'wait=20' })).status).toBe(201);
    const retired = await retireDocument(await rig.openTwin(holder), token);
    const proven = await prove(rig, Transaction.fromAtomicBEEF(retired.beef));
    for (const on of ['submit', 'status']) await rig.order('faults', { on, kind: 'status', times: 1_000 });
    const transfer = await transferDocument(holder.wallet, token, holder.wallet.identityKey);
    expect((await holder.submit(transfer.beef)).status).toBe(201);

    const answer = await holder.submit(proven);
    expect([answer.status, answer.text]).toEqual([201, expect.stringContaining(retired.txid)]);
    expect((await holder.call(`/v1/submissions/${retired.txid}`)).json).toMatchObject({ settlement: 'mined' });
    expect((await holder.call(`/v1/submissions/${transfer.txid}`)).json).toMatchObject({ settlement: 'retracted' });
    expect((await holder.lookup({ documentId: 'X' })).json['outputs']).toEqual([]);
  }, 60_000);
});

/** Puts it into a block past the gateway; BEEF of the transaction with its proof and nothing else. */
async function prove(rig: SubmissionsRig, transaction: Transaction): Promise<Uint8Array> {
  const unproven: Transaction[] = [];
  for (let next: Transaction[] = [transaction]; next.length > 0;) {
    unproven.unshift(...next);
    next = next
      .flatMap(({ inputs }) => inputs.map(({ sourceTransaction }) => sourceTransaction))
      .filter((parent) => parent !== undefined && parent.merklePath === undefined) as Transaction[];
  }
  for (const each of unproven) {
    await fetch(`${rig.devnet.url}/arc/v1/tx`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ rawTx: each.toHexEF() }),
    });
  }
  await rig.mine();
  const status = await fetch(`${rig.devnet.url}/arc/v1/tx/${transaction.id('hex')}`);
  const { merklePath } = (await status.json()) as { merklePath: string };
  const beef = new Beef();
  beef.mergeRawTx(transaction.toBinary(), beef.mergeBump(MerklePath.fromHex(merklePath)));
  return beef.toUint8Array();
}
