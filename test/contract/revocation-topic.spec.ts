import { AuthFetch } from '@bsv/sdk';
import { waitUntil, CertificateWallet } from '#testkit';
import { TYPE, certifier, fields } from './certificates-rig';
import { makeCoin, type RevocationCoin } from './revocation-coin';
import { SubmissionsRig, type Caller } from './submissions-rig';

/** tm_revocation: whoever has the transaction that revokes and the certificate that it is about may bring them, and the evidence is there for all. */
describe('a certificate that a stranger shows to be revoked', () => {
  jest.setTimeout(60_000);
  const rules = [{ certifier: certifier.identityKey, type: TYPE, fields: ['name'], revocable: true }];
  let rig: SubmissionsRig;
  let stranger: Caller;
  let coin: RevocationCoin;
  let certificate: Record<string, unknown>;
  let holder: AuthFetch;
  const mine = async (): Promise<unknown[]> => {
    const answer = await holder.fetch(`${rig.url}/v1/certificates`);
    return ((await answer.json()) as { certificates: unknown[] }).certificates;
  };

  beforeAll(async () => {
    rig = await SubmissionsRig.open({ certificates: rules, prices: [] });
    stranger = await rig.openCaller(10_000);
    coin = await makeCoin(rig.devnet);
    await rig.mine();
    const wallet = new CertificateWallet();
    const held = await certifier.issue(wallet.identityKey, { type: TYPE, fields, outpoint: coin.outpoint });
    wallet.hold(held);
    const { type, serialNumber, subject, certifier: by, revocationOutpoint, signature } = held;
    certificate = { type, serialNumber, subject, certifier: by, revocationOutpoint, fields: held.fields, signature };
    holder = new AuthFetch(wallet);
    await waitUntil('it is presented', async () => (await mine()).length === 1);
  }, 120_000);
  afterAll(() => rig.close(), 60_000);

  const show = (beef: Uint8Array, shown: unknown) =>
    stranger.submit(beef, {
      topics: ['tm_revocation'],
      offChainValues: Buffer.from(JSON.stringify(shown)).toString('base64'),
    });

  it('is held as long as nothing spends its outpoint', async () => {
    expect(await mine()).toMatchObject([{ state: 'held', revocationOutpoint: coin.outpoint }]);
    const another = await makeCoin(rig.devnet);
    await rig.mine();
    const answer = await show(await another.sign(), certificate);
    expect(answer).toMatchObject({ status: 422, json: { code: 'topic-refused' } });
    expect(await mine()).toMatchObject([{ state: 'held' }]);
  });

  it('is revoked with the COMMIT, for its holder and for all who ask', async () => {
    const answer = await show(await coin.sign(), certificate);
    expect(answer).toMatchObject({ status: 201, json: { admittance: { tm_revocation: { outputsToAdmit: [0] } } } });
    const { txid } = answer.json as { txid: string };
    expect(await mine()).toMatchObject([{ state: 'revoked', revokedBy: txid }]);
    const found = await stranger.lookup({ outpoint: coin.outpoint }, 'ls_revocation');
    expect(found.json).toMatchObject({ type: 'output-list', outputs: [{ outputIndex: 0 }] });
  });
});
