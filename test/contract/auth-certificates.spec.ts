import { randomBytes } from 'node:crypto';
import {
  MasterCertificate,
  PrivateKey,
  ProtoWallet,
  Utils,
  VerifiableCertificate,
  type WalletCertificate,
} from '@bsv/sdk';
import { DevWallet } from '#testkit';
import { type GatewayRig, openGateway } from './gateway-rig';
import { RawCaller, echoRequest, sendAuthMessage, sendHttp } from './raw-caller';
import { type StockRig, openStock } from './stock-rig';

/** Each defect of PROTOCOLS §0: the attack is shown to work against the stock middleware, then tried here. */
let gateway: GatewayRig;
let stock: StockRig;

beforeAll(async () => {
  [gateway, stock] = [await openGateway(), await openStock()];
});
afterAll(async () => {
  await stock.stop();
  await gateway.stop();
});

/** Long enough for an answer, short enough to show that none comes. */
const HANGS_MS = 1_000;
const statusOf = (answer: Promise<{ status: number }>): Promise<number | 'no answer'> =>
  answer.then(({ status }) => status).catch(() => 'no answer' as const);

/** A signed certificateResponse on a session of the wallet. */
const sendCertificates = async (
  caller: RawCaller,
  wallet: DevWallet,
  certificates: unknown,
): Promise<number | 'no answer'> => {
  const nonce = randomBytes(32).toString('base64');
  const { signature } = await wallet.createSignature({
    data: [...Buffer.from(JSON.stringify(certificates))],
    protocolID: [2, 'auth message signature'],
    keyID: `${nonce} ${caller.sessionNonce}`,
    counterparty: caller.gatewayKey,
  });
  const message = {
    version: '0.1',
    messageType: 'certificateResponse',
    identityKey: caller.identityKey,
    nonce,
    initialNonce: caller.peerNonce,
    yourNonce: caller.sessionNonce,
    certificates,
    signature,
  };
  return statusOf(sendAuthMessage(caller.origin, message, AbortSignal.timeout(HANGS_MS)));
};

/** A certificate of a type nobody asked for, by a certifier nobody trusts. */
const issueRogueCertificate = async (holder: DevWallet, verifier: string): Promise<unknown> => {
  const rogue = new ProtoWallet(PrivateKey.fromRandom());
  const issued = await MasterCertificate.issueCertificateForSubject(
    rogue,
    holder.identityKey,
    { role: 'director' },
    Utils.toBase64([...randomBytes(32)]),
    async () => `${'00'.repeat(32)}.0`,
  );
  const { certifier, fields, masterKeyring, serialNumber } = issued;
  const keyring = await MasterCertificate.createKeyringForVerifier(
    holder,
    certifier,
    verifier,
    fields,
    ['role'],
    masterKeyring,
    serialNumber,
  );
  return JSON.parse(
    JSON.stringify(VerifiableCertificate.fromCertificate(issued as unknown as WalletCertificate, keyring)),
  );
};

describe('A2: a certificate that nobody asked for', () => {
  const type = Utils.toBase64(Array.from({ length: 32 }, () => 1));
  const present = async (origin: string): Promise<{ upload: unknown; resource: unknown }> => {
    const holder = new DevWallet();
    const caller = await RawCaller.open(origin, holder);
    const certificate = await issueRogueCertificate(holder, caller.gatewayKey);
    const upload = await sendCertificates(caller, holder, [certificate]);
    const resource = sendHttp(origin, await caller.sign(echoRequest), AbortSignal.timeout(HANGS_MS));
    return { upload, resource: await statusOf(resource) };
  };

  it('opens the protected route of the stock middleware', async () => {
    const certifiers = [PrivateKey.fromRandom().toPublicKey().toString()];
    const strict = await openStock({ certificatesToRequest: { certifiers, types: { [type]: ['role'] } } });
    try {
      expect(await present(strict.origin)).toMatchObject({ resource: 200 });
    } finally {
      await strict.stop();
    }
  });

  it('is refused here and grants nothing: no route looks at certificates yet', async () => {
    expect(await present(gateway.origin)).toEqual({ upload: 400, resource: 200 });
  });
});

describe('A8: a certificateResponse when a session exists', () => {
  const sendOne = async (origin: string): Promise<number | 'no answer'> => {
    const holder = new DevWallet();
    const caller = await RawCaller.open(origin, holder);
    return sendCertificates(caller, holder, [await issueRogueCertificate(holder, caller.gatewayKey)]);
  };

  it('is never answered by the stock middleware', async () => expect(await sendOne(stock.origin)).toBe('no answer'));
  it('is answered at once here', async () => expect(await sendOne(gateway.origin)).toBe(400));

  it.each(['certificateRequest', 'general', 'initialResponse', 'nonsense', undefined])(
    'and so is a message of type %s',
    async (messageType) => {
      const answer = await sendAuthMessage(gateway.origin, { version: '0.1', messageType });
      expect(answer).toMatchObject({ status: 400, code: 'auth-message-unexpected' });
    },
  );
});
