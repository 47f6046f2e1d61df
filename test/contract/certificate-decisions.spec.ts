import { PrivateKey } from '@bsv/sdk';
import { fsck } from '#ledger';
import { CertificateWallet, TestCertifier, makeCertificateType, type DevWallet } from '#testkit';
import { issueInvoice } from './overlay-rig';
import { type Actor, PoliciesRig, keyOf } from './policies-rig';
import type { RawAnswer } from './raw-caller';

const POLICIES = `
@id("routes") permit (principal, action, resource is Gateway);
@id("employees") @revocationMaxAge("10m")
permit (principal, action == Action::"submitToTopic", resource == Topic::"tm_documents")
when { principal.certificates has employee };
`;

/** What an auditor sees of a certificate that was revoked: everything that was done on its strength, as it was known then. */
describe('the decisions that relied on a certificate', () => {
  let rig: PoliciesRig;
  let wallet: DevWallet;
  let hash: string;
  const submitted: { id: string; txid: string; height: number }[] = [];
  let refused: RawAnswer;
  let documents = 0;

  const jsonOf = ({ body }: RawAnswer): Record<string, unknown> =>
    JSON.parse(body.toString()) as Record<string, unknown>;
  const submit = async (actor: Actor): Promise<RawAnswer> => {
    const { beef } = await issueInvoice(wallet, `D-${String((documents += 1))}`);
    const body = { beef: Buffer.from(beef).toString('base64'), topics: ['tm_documents'] };
    return rig.send(actor, 'POST', '/v1/submissions', body);
  };
  const ask = async (actor: Actor, query = '', of = hash): Promise<[number, Record<string, unknown>]> => {
    const answer = await rig.send(actor, 'GET', `/v1/certificates/${of}/decisions${query}`);
    return [answer.status, jsonOf(answer)];
  };
  const height = async (): Promise<number> => {
    const sql = 'select max(height) as height from portcullis.block_header where is_best';
    const [row] = await rig.gateway.database.owner.query<{ height: number }[]>(sql);
    return row?.height ?? -1;
  };

  beforeAll(async () => {
    rig = await PoliciesRig.open({ 'decisions.cedar': POLICIES });
    wallet = await rig.openWallet(1_000_000);
    const coin = await rig.makeCoin();
    // So that our headers are up to date with it.
    await rig.gateway.mine();
    await rig.present('ann', 'buyer', coin.outpoint);
    const { certificates } = jsonOf(await rig.send('ann', 'GET', '/v1/certificates')) as {
      certificates: { certificateHash: string }[];
    };
    hash = certificates[0]?.certificateHash ?? '';
    for (let round = 0; round < 2; round += 1) {
      const { id, txid } = jsonOf(await submit('ann')) as { id: string; txid: string };
      submitted.push({ id, txid, height: await height() });
      await rig.gateway.mine();
      // As long ago as the policy takes no more: the second time the sources are asked anew, at another height.
      await rig.ageFindings('ann');
    }
    await coin.spend();
    refused = await submit('ann');
  }, 120_000);
  afterAll(async () => {
    const broken = (await fsck(rig.gateway.database.owner)).filter(({ ok }) => !ok);
    await rig.close();
    expect(broken).toEqual([]);
  }, 60_000);

  it('are those from before it was revoked, each with what was known at that moment, and none after', async () => {
    expect([refused.status, refused.code]).toEqual([403, 'policy-denied']);
    const { detail } = jsonOf(refused);
    expect(detail).toContain('revoked: employee');
    const [status, { decisions, next }] = await ask('eve');
    expect([status, next]).toEqual([200, null]);
    const common = {
      ...{ identityKey: keyOf('ann'), state: 'good', settlement: expect.any(String), at: expect.any(String) },
      source: `whatsonchain ${new URL(rig.gateway.devnet.url).host}/whatsonchain`,
      ...{ policyVersion: expect.stringMatching(/^[0-9a-f]{64}$/u), asOf: expect.any(String) },
    };
    expect(decisions).toEqual(
      submitted.map(({ id, txid, height: asOfHeight }) => ({
        ...{ ...common, transitionId: id, txid, asOfHeight, auditLeaf: expect.any(Number) },
      })),
    );
    const [first, second] = decisions as { asOf: string; at: string; asOfHeight: number; policyVersion: string }[];
    // Of two moments, each of before its decision; and by the policies that refused the third.
    expect(second!.asOf > first!.asOf && second!.asOfHeight > first!.asOfHeight).toBe(true);
    expect([first, second].filter((one) => one!.asOf > one!.at)).toEqual([]);
    expect(detail).toContain(first!.policyVersion.slice(0, 12));
  });

  it('come in pages', async () => {
    const [, { decisions, next }] = await ask('eve', '?limit=1');
    expect([(decisions as unknown[]).length, typeof next]).toEqual([1, 'number']);
    const [, rest] = await ask('eve', `?after=${String(next)}`);
    expect(rest['decisions']).toMatchObject([{ transitionId: submitted[1]?.id }]);
    const [status, end] = await ask('eve', '?after=1000000');
    expect([status, end]).toEqual([200, { decisions: [], next: null }]);
  });

  it('are those of the own organisation: to another it is a certificate like one that there never was', async () => {
    for (const stranger of ['gil', 'sue'] as const) {
      const [[status, theirs], [, nobodys]] = [await ask(stranger), await ask(stranger, '', 'ab'.repeat(32))];
      expect([status, theirs['code']]).toEqual([404, 'certificate-unknown']);
      expect({ ...theirs, requestId: '' }).toEqual({ ...nobodys, requestId: '' });
      expect((await ask(stranger, '?after=0'))[0]).toBe(404);
    }
  });

  it('are never by a certifier that the registry alone trusts: so no rule of it that ends can come between a policy and its COMMIT', async () => {
    const other = new TestCertifier(PrivateKey.fromHex('45'.repeat(32)));
    const rule = { certifier: other.identityKey, type: makeCertificateType(9), fields: ['role'], revocable: false };
    expect((await rig.send('eve', 'POST', '/v1/trust/changes', { kind: 'add', ...rule })).status).toBe(201);
    const eve = new CertificateWallet(PrivateKey.fromHex('e3'.repeat(32)));
    const held = await other.issue(eve.identityKey, { type: rule.type, fields: { role: 'buyer' } });
    const shown = await eve.show(held, (await rig.openCaller('eve')).gatewayKey, ['role']);
    expect((await rig.send('eve', 'POST', '/v1/certificates', shown)).status).toBe(201);
    const { certificates } = jsonOf(await rig.send('eve', 'GET', '/v1/certificates'));
    expect(certificates).toMatchObject([{ certifier: other.identityKey, type: rule.type, state: 'held' }]);
    // Of the very type that the policy asks for, and held to be good; but not the certificate that the configuration calls by that name.
    expect(await submit('eve')).toMatchObject({ status: 403, code: 'policy-denied' });
  });
});
