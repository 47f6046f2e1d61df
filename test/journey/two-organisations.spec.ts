import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Transaction } from '@bsv/sdk';
import { GatewayClient, StatementMismatch, type Proposal } from '#client';
import { decodeLeaf } from '#atomic-core';
import { fsck } from '#ledger';
import { DevWallet, fundWalletFromDevnet, issueDocument, waitUntil, type DocumentToken } from '#testkit';
import type { Devnet as ChainDevnet } from '../../src/devnet';
import { makeCoin } from '../contract/revocation-coin';
import { openDevnet, openFolder, Operator, present, type Devnet } from './agreement-rig';

jest.setTimeout(120_000);

/** Acme and Globex run a gateway each. Nobody administers both, and neither lists a member of the other. */
let acme: Operator;
let globex: Operator;
let devnet: Devnet;
let funds: DevWallet;
const folder = openFolder();

beforeAll(async () => {
  devnet = await openDevnet(join(folder.path, 'devnet'));
  acme = await Operator.open('acme', devnet.url, folder.path);
  globex = await Operator.open('globex', devnet.url, folder.path);
  funds = new DevWallet();
  await fundWalletFromDevnet(funds, devnet.url, 100_000);
  await mine();
});
afterAll(async () => {
  const broken = await Promise.all([acme, globex].map(({ database }) => fsck(database.owner)));
  await Promise.all([acme, globex].map((operator) => operator.close()));
  devnet.stop();
  folder.remove();
  expect(broken.flat().filter(({ ok }) => !ok)).toEqual([]);
});

const mine = async (): Promise<void> => {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${devnet.url}/admin/mine`, { method: 'POST', headers, body: '{"blocks":1}' });
  const { height } = (await answer.json()) as { height: number };
  const best = 'select coalesce(max(height), 0)::int as height from portcullis.block_header where is_best';
  await waitUntil('both know the block', async () => {
    const tips = await Promise.all(
      [acme, globex].map(({ database }) => database.owner.query<{ height: number }[]>(best)),
    );
    return tips.every(([row]) => (row?.height ?? 0) >= height);
  });
};
const coin = () => makeCoin({ url: devnet.url } as ChainDevnet);
const clientOf = (operator: Operator, at: Operator): GatewayClient =>
  new GatewayClient({ baseUrl: at.url, wallet: operator.wallet });
const issue = (): Promise<DocumentToken> =>
  issueDocument(funds, { kind: 'order', documentId: randomBytes(6).toString('hex'), contentHash: randomBytes(32) });
const propose = async (): Promise<Proposal> =>
  clientOf(acme, acme).propose(
    { beef: (await issue()).beef, topics: ['tm_documents'] },
    { parties: ['acme', 'globex'], deadline: new Date(Date.now() + 3_600_000).toISOString() },
  );
/** Looks at the transaction itself, and signs for that one. */
const approve = async (operator: Operator, id: string) => {
  const client = clientOf(operator, acme);
  const txid = Transaction.fromAtomicBEEF([...(await client.proposals.fetchBeef(id))]).id('hex');
  return client.proposals.approve(id, { txid, topics: ['tm_documents'] });
};

describe('two organisations on two gateways', () => {
  let revoke: () => Promise<unknown>;

  it('do not know each other before they have exchanged their bundles', async () => {
    const { id } = await propose();
    await expect(clientOf(globex, acme).proposals.find(id)).rejects.toMatchObject({ code: 'proposal-unknown' });
    await expect(present(globex, acme, (await coin()).outpoint)).rejects.toThrow('certificate-untrusted');
    await clientOf(acme, acme).proposals.withdraw(id);
  });

  it('exchange bundles, and accept each other’s certificates', async () => {
    await Promise.all([acme.vouch(), globex.vouch()]);
    await acme.trust(globex);
    await globex.trust(acme);
    await present(acme, globex, (await coin()).outpoint);
    const { outpoint, spend } = await coin();
    await mine();
    await present(globex, acme, outpoint);
    revoke = spend;
  });

  it('agree to one transaction, each by its own signature, and it is applied in one COMMIT', async () => {
    const proposal = await propose();
    expect(await approve(acme, proposal.id)).toMatchObject({ refusal: { code: 'quorum-incomplete' } });
    const client = clientOf(globex, acme);
    // What the gateway says is not what is signed: the approver compares it with what it saw.
    const other = { txid: 'ab'.repeat(32), topics: ['tm_documents'] };
    await expect(client.proposals.approve(proposal.id, other)).rejects.toThrow(StatementMismatch);
    const done = await approve(globex, proposal.id);
    expect(done).toMatchObject({
      refusal: null,
      proposal: { state: 'committed', submission: { txid: proposal.txid } },
    });
    expect(done.proposal.approvals.map(({ organisation, isCounted }) => [organisation, isCounted])).toEqual([
      ['acme', true],
      ['globex', true],
    ]);
    const receipt = await clientOf(acme, acme).proposals.submit(proposal.id);
    expect(await clientOf(acme, acme).findSubmission(String(receipt.id))).toMatchObject({ txid: proposal.txid });
    const rows = await acme.database.owner.query<{ state: string }[]>(
      'select l.state from portcullis.reliance l join portcullis.proposal p on p.transition_id = l.transition_id where p.id = $1',
      [proposal.id],
    );
    expect(rows).toEqual([{ state: 'good' }]);
  });

  it('do not agree by a certificate that its certifier revokes before the COMMIT', async () => {
    const proposal = await propose();
    expect(await approve(globex, proposal.id)).toMatchObject({ proposal: { approvals: [{ state: 'standing' }] } });
    await revoke();
    const client = clientOf(acme, acme);
    const isStopped = async (): Promise<boolean> =>
      (await client.proposals.find(proposal.id)).approvals[0]?.state === 'stopped';
    // The monitor may have to wait for the lease of a question that was asked at the same moment.
    await waitUntil('the approval is stopped', isStopped, 90_000);
    expect(await approve(acme, proposal.id)).toMatchObject({
      refusal: { code: 'quorum-incomplete' },
      proposal: { state: 'open', submission: null },
    });
    // Who stood for Globex by that certificate stands for nobody now.
    await expect(clientOf(globex, acme).proposals.find(proposal.id)).rejects.toMatchObject({
      code: 'proposal-unknown',
    });
    // By a new one it approves anew.
    const { outpoint } = await coin();
    await mine();
    await present(globex, acme, outpoint);
    expect(await approve(globex, proposal.id)).toMatchObject({ refusal: null, proposal: { state: 'committed' } });
  });

  it('do not agree once the one trusts the other no longer', async () => {
    const proposal = await propose();
    expect(await approve(globex, proposal.id)).toMatchObject({ refusal: { code: 'quorum-incomplete' } });
    // Taken back and given again; both are said of Globex, for which it was given.
    const outside = clientOf(globex, acme);
    expect(await outside.proposals.withdrawApproval(proposal.id)).toMatchObject({
      approvals: [{ state: 'withdrawn' }],
    });
    const [taken] = await acme.database.owner.query<{ leaf: Buffer }[]>(
      `select l.leaf from portcullis.proposal_approval a join portcullis.audit_leaf l on l.index = a.withdrawn_leaf where a.proposal_id = $1`,
      [proposal.id],
    );
    expect(taken && decodeLeaf(taken.leaf)).toMatchObject({ organisation: 'globex' });
    expect(await approve(globex, proposal.id)).toMatchObject({ refusal: { code: 'quorum-incomplete' } });
    const { pins } = (await acme.ask('GET', '/v1/trust')) as { pins: { id: string }[] };
    await acme.ask('POST', '/v1/trust/changes', { kind: 'end', id: pins[0]?.id });
    expect(await approve(acme, proposal.id)).toMatchObject({ refusal: { code: 'quorum-incomplete' } });
    await expect(clientOf(globex, acme).proposals.find(proposal.id)).rejects.toMatchObject({
      code: 'proposal-unknown',
    });
  });
});
