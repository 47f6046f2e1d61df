import { randomBytes } from 'node:crypto';
import { Beef, MerklePath, Transaction } from '@bsv/sdk';
import { decodeLeaf } from '#atomic-core';
import { fsck } from '#ledger';
import {
  issueDocument,
  retireDocument,
  transferDocument,
  waitUntil,
  type DocumentContent,
  type DocumentToken,
} from '#testkit';
import { SubmissionsRig, type Caller } from './submissions-rig';

const contentOf = (documentId: string): DocumentContent => ({
  kind: 'order',
  documentId,
  contentHash: randomBytes(32),
});

describe('the story of a document, told through unmodified AuthFetch', () => {
  let rig: SubmissionsRig;
  let supplier: Caller;
  let buyer: Caller;
  beforeAll(async () => {
    rig = await SubmissionsRig.open();
    supplier = await rig.openCaller();
    buyer = await rig.openCaller();
  }, 120_000);
  afterAll(async () => {
    const findings = await fsck(rig.database.owner);
    await rig.close();
    expect(findings.filter(({ ok }) => !ok)).toEqual([]);
  }, 60_000);

  const document = 'PO-2026-1';
  let issued: DocumentToken;
  let transferred: DocumentToken;
  let issuedId = '';

  it('issues: paid by itself, admitted, kept in a basket, found by id and by txid', async () => {
    issued = await issueDocument(supplier.wallet, contentOf(document));
    const answer = await supplier.submit(issued.beef, { baskets: { 0: 'Purchase Orders' } });
    expect([answer.status, answer.text]).toEqual([201, expect.stringContaining('"settlement":"applied"')]);
    issuedId = String(answer.json['id']);
    expect(answer.json).toMatchObject({
      txid: issued.txid,
      admittance: { tm_documents: { outputsToAdmit: [0], coinsToRetain: [], coinsRemoved: [] } },
      baskets: { added: [{ basket: 'purchase orders', outpoint: `${issued.txid}.0` }], removed: [] },
      payment: { satoshis: 200, outpoint: expect.stringMatching(/^[0-9a-f]{64}\.0$/) },
      auditLeaf: expect.any(Number),
      links: { self: `/v1/submissions/${issuedId}`, beef: `/v1/submissions/${issuedId}/beef` },
    });
    for (const name of [issuedId, issued.txid]) {
      const found = await supplier.call(`/v1/submissions/${name}`);
      expect(found.status).toBe(200);
      expect(found.json).toMatchObject({ id: issuedId, topics: ['tm_documents'] });
      expect((found.json['history'] as { settlement: string }[])[0]?.settlement).toBe('applied');
    }
    const [leaf] = await rig.database.owner.query<{ leaf: Buffer }[]>(
      'select leaf from portcullis.audit_leaf where index = $1',
      [answer.json['auditLeaf']],
    );
    expect(decodeLeaf(leaf?.leaf ?? Buffer.alloc(0))).toMatchObject({
      decision: 'applied',
      subject: issued.txid,
      identityKey: supplier.wallet.identityKey,
    });
  });

  it('finds the document by its id, with a BEEF that the SDK takes', async () => {
    for (const query of [{ documentId: document }, { documentId: document, kind: 'order' }]) {
      const answer = await buyer.lookup(query);
      const outputs = answer.json['outputs'] as { beef: number[]; outputIndex: number }[];
      expect([answer.status, answer.json['type'], outputs.map(({ outputIndex }) => outputIndex)]).toEqual([
        200,
        'output-list',
        [0],
      ]);
      expect(Transaction.fromAtomicBEEF(outputs[0]?.beef ?? []).id('hex')).toBe(issued.txid);
    }
    expect((await buyer.lookup({ documentId: document, kind: 'invoice' })).json['outputs']).toEqual([]);
  });

  it('answers the same request with the same bytes, and takes nothing for it', async () => {
    const [before, balance] = [await rig.countAll(), supplier.purse.balance];
    const again = await supplier.submit(issued.beef, { baskets: { 0: 'Purchase Orders' } });
    const more = await supplier.submit(issued.beef, { baskets: { 0: 'Purchase Orders' } });
    expect([again.status, again.json['id']]).toEqual([201, issuedId]);
    expect(more.text).toBe(again.text);
    expect(supplier.purse.balance).toBe(balance);
    expect((await rig.countAll())['payment_claim']).toBe(before['payment_claim']);
  });

  it('waits for the network when asked to, and says so', async () => {
    const waited = await issueDocument(supplier.wallet, contentOf('PO-2026-2'));
    const answer = await supplier.submit(waited.beef, {}, { 'x-bsv-prefer': 'wait=20' });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('x-bsv-preference-applied')).toBe('wait=20');
    expect(['broadcast', 'seen', 'mined']).toContain(answer.json['settlement']);
  });

  it('hands the document on: it leaves the basket of the one, who submitted it to the other', async () => {
    transferred = await transferDocument(supplier.wallet, issued, buyer.wallet.identityKey);
    const answer = await supplier.submit(transferred.beef, { baskets: { 0: 'handed on' } });
    expect(answer.json).toMatchObject({
      admittance: { tm_documents: { outputsToAdmit: [0], coinsRemoved: [0] } },
      baskets: {
        added: [{ basket: 'handed on', outpoint: `${transferred.txid}.0` }],
        removed: [{ basket: 'purchase orders', outpoint: `${issued.txid}.0` }],
      },
    });
    const [left, reached] = await Promise.all(
      ['purchase%20orders', 'Handed%20On'].map((name) => supplier.call(`/v1/baskets/${name}/outputs`)),
    );
    expect(left?.json).toEqual({ basket: 'purchase orders', total: 0, outputs: [], next: null });
    expect(reached?.json['outputs']).toMatchObject([{ outpoint: `${transferred.txid}.0`, satoshis: 1 }]);
    expect((await buyer.call('/v1/baskets/handed%20on/outputs')).json['outputs']).toEqual([]);
  });

  it('gives Atomic BEEF, with the proof once it is mined', async () => {
    const unproven = await supplier.call(`/v1/submissions/${issuedId}/beef`);
    expect(Transaction.fromAtomicBEEF(unproven.octets).id('hex')).toBe(issued.txid);
    const settlementIs = (wanted: string) => async () =>
      (await supplier.call(`/v1/submissions/${issuedId}`)).json['settlement'] === wanted;
    // One block alone: a block for every look would carry it past `mined` on a slow machine.
    await waitUntil('the network has seen the document', settlementIs('seen'));
    await rig.order('mine', { blocks: 1 });
    await waitUntil('the document is mined', settlementIs('mined'));
    const proven = Transaction.fromAtomicBEEF((await supplier.call(`/v1/submissions/${issued.txid}/beef`)).octets);
    expect(proven.merklePath?.computeRoot(issued.txid)).toMatch(/^[0-9a-f]{64}$/);
    const found = await supplier.call(`/v1/submissions/${issuedId}`);
    expect(found.json['proof']).toMatchObject({ height: proven.merklePath?.blockHeight });
    const steps = (found.json['history'] as { settlement: string }[]).map(({ settlement }) => settlement);
    expect([steps[0], steps.at(-1)]).toEqual(['applied', 'mined']);
  }, 60_000);

  it('retires the document: nobody holds it any more', async () => {
    const retired = await retireDocument(buyer.wallet, transferred);
    const answer = await buyer.submit(retired.beef);
    expect([answer.status, answer.text]).toEqual([201, expect.stringContaining(retired.txid)]);
    expect(answer.json).toMatchObject({ admittance: { tm_documents: { outputsToAdmit: [], coinsRemoved: [0] } } });
    expect((await supplier.lookup({ documentId: document })).json['outputs']).toEqual([]);
  });

  it('settles what comes with its own proof as mined in the same breath', async () => {
    const token = await issueDocument(supplier.wallet, contentOf('PO-2026-3'));
    const ancestry = Transaction.fromAtomicBEEF(token.beef);
    await send(rig.devnet.url, ancestry);
    await rig.order('mine', { blocks: 1 });
    const status = (await (await fetch(`${rig.devnet.url}/arc/v1/tx/${token.txid}`)).json()) as { merklePath: string };
    const beef = new Beef();
    beef.mergeRawTx(ancestry.toBinary(), beef.mergeBump(MerklePath.fromHex(status.merklePath)));
    await waitUntil('its header is known', async () => (await supplier.submit(beef.toUint8Array())).status === 201);
    const found = await supplier.call(`/v1/submissions/${token.txid}`);
    expect(found.json).toMatchObject({ settlement: 'mined', proof: { height: expect.any(Number) } });
  }, 60_000);
});

/** Parents first, as a broadcaster wants them. */
async function send(devnetUrl: string, transaction: Transaction): Promise<void> {
  const pending = [transaction];
  const chain: Transaction[] = [];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.merklePath !== undefined) continue;
    chain.unshift(next);
    for (const { sourceTransaction } of next.inputs)
      if (sourceTransaction !== undefined) pending.push(sourceTransaction);
  }
  for (const each of chain) {
    await fetch(`${devnetUrl}/arc/v1/tx`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ rawTx: each.toHexEF() }),
    });
  }
}
