import { randomBytes } from 'node:crypto';
import { PrivateKey, ProtoWallet } from '@bsv/sdk';
import { APPROVAL_PROTOCOL, writeCanonicalJson } from '#atomic-core';
import { fsck } from '#ledger';
import { DevWallet, fundWalletFromDevnet, issueDocument } from '#testkit';
import { pay, readTerms } from '../contract/payment-rig';
import { replaceHeaders, type RawAnswer, type RawCaller } from '../contract/raw-caller';
import { CommitKillRig, type Halt } from './commit-kill-rig';

jest.setTimeout(180_000);

let rig: CommitKillRig;
beforeAll(async () => {
  rig = await CommitKillRig.open();
});
afterAll(async () => {
  const broken = (await fsck(rig.bench.database.owner)).filter(({ ok }) => !ok);
  await rig.close();
  expect(broken).toEqual([]);
});

interface Party {
  readonly key: PrivateKey;
  readonly wallet: DevWallet;
  readonly caller: RawCaller;
}
type Statement = Record<string, string | number | readonly string[]>;

const jsonOf = ({ body }: RawAnswer): Record<string, unknown> => JSON.parse(body.toString()) as Record<string, unknown>;
const openParty = async (): Promise<Party> => {
  const key = PrivateKey.fromRandom();
  const wallet = new DevWallet(key);
  return { key, wallet, caller: await rig.openCaller(wallet) };
};
const write = (url: string, body?: unknown) => ({
  ...{ method: 'POST', url },
  ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
});

/** A document that both have to approve, each an organisation of its own; paid for. */
const propose = async (parties: readonly [Party, Party]): Promise<string> => {
  const [proposer] = parties;
  const purse = new DevWallet(proposer.key);
  for (const funded of [proposer.wallet, purse]) await fundWalletFromDevnet(funded, rig.bench.devnet.url, 10_000);
  await rig.bench.syncHeaders();
  const documentId = randomBytes(8).toString('hex');
  const { beef } = await issueDocument(proposer.wallet, { kind: 'order', documentId, contentHash: randomBytes(32) });
  const unpaid = write('/v1/proposals', {
    ...{ beef: Buffer.from(beef).toString('base64'), topics: ['tm_documents'] },
    parties: parties.map(({ wallet }) => wallet.identityKey),
    deadline: new Date(Date.now() + 3_600_000).toISOString(),
  });
  const terms = await rig.send(proposer, unpaid);
  const made = await rig.send(proposer, replaceHeaders(unpaid, await pay(purse, readTerms(terms))));
  expect([made.status, made.code]).toEqual([201, undefined]);
  return String(jsonOf(made)['id']);
};

const approve = async (party: Party, id: string): Promise<RawAnswer> => {
  const { statements } = jsonOf(await rig.send(party, { method: 'GET', url: `/v1/proposals/${id}` })) as {
    statements: Statement[];
  };
  const { signature } = await new ProtoWallet(party.key).createSignature({
    data: [...Buffer.from(writeCanonicalJson(statements[0]!), 'utf8')],
    ...{ protocolID: [...APPROVAL_PROTOCOL], keyID: id, counterparty: 'anyone' },
  });
  return rig.send(party, write(`/v1/proposals/${id}/approvals`, { signature: Buffer.from(signature).toString('hex') }));
};

const halts: readonly (readonly [Halt, string])[] = [
  ['before-the-statement', 'open'],
  ['behind-the-statement', 'committed'],
];

it.each(halts)(
  'a gateway that is killed %s of the COMMIT loses no approval, and the proposal is submitted once',
  async (halt, state) => {
    await rig.startGateway(halt);
    const parties = [await openParty(), await openParty()] as const;
    const id = await propose(parties);
    expect(jsonOf(await approve(parties[0], id))).toMatchObject({ refusal: { code: 'quorum-incomplete' } });
    const sent = approve(parties[1], id).then(
      () => 'answered',
      () => 'lost',
    );
    await rig.untilHalted(halt);
    await rig.kill();
    expect(await sent).toBe('lost');
    await rig.untilQuiet();

    await rig.startGateway();
    const seen = jsonOf(await rig.send(parties[0], { method: 'GET', url: `/v1/proposals/${id}` }));
    expect(seen).toMatchObject({ state, approvals: [{ state: 'standing' }, { state: 'standing' }] });
    const first = await rig.send(parties[0], write(`/v1/proposals/${id}/submission`));
    const again = await rig.send(parties[0], write(`/v1/proposals/${id}/submission`));
    expect([first.status, again.body.toString()]).toEqual([201, first.body.toString()]);
    const rows = await rig.bench.database.owner.query<unknown[]>(
      'select from portcullis.transition where request_key = $1',
      [`proposal:${id}`],
    );
    expect(rows).toHaveLength(1);
  },
);
