import { Certificate, type MasterCertificate, PrivateKey, ProtoWallet, Utils } from '@bsv/sdk';
import { CertificateWallet, TestCertifier, makeCertificateType } from '#testkit';
import { TYPE, certifier, fields } from '../../contract/certificates-rig';
import { makeCoin } from '../../contract/revocation-coin';
import { RawCaller, echoRequest, sendHttp } from '../../contract/raw-caller';
import type { GatewayRig } from '../../contract/gateway-rig';
import { type Desks, NAMES, type Presentation, openDesks, openPresenter, present } from './present';
import { type Outcome, outcomeOf } from './rivals';
import type { StockRig } from './stock-rig';

let desks: Desks;
beforeAll(async () => {
  desks = await openDesks();
}, 90_000);
afterAll(() => desks.stop());

type Desk = GatewayRig | StockRig;
type Attack = (desk: Desk) => Promise<Presentation>;

/** The message of a certificate that the middleware takes is never answered by it: defect A8. */
const taken: Presentation = { upload: 'no answer', gained: true };
const refused = (status: number, code: string): Presentation => ({ upload: { status, code }, gained: false });

const expectBoth = async (attack: Attack, stock: Presentation, gateway: Presentation): Promise<void> => {
  expect({ stock: await attack(desks.stock) }).toEqual({ stock });
  expect({ gateway: await attack(desks.gateway) }).toEqual({ gateway });
};

/** Presents what `issue` makes for a new holder, disclosing `names`. */
const presentNew = async (
  desk: Desk,
  issue: (subject: string) => Promise<MasterCertificate>,
  over: Record<string, unknown> = {},
): Promise<Presentation> => {
  const signer = new CertificateWallet();
  const presenter = await openPresenter(desk, signer);
  const held = await issue(signer.identityKey);
  const names = Object.keys(held.fields).filter((name) => NAMES.includes(name));
  const shown = await signer.show(held, presenter.caller.gatewayKey, names);
  return present(desk, presenter, [{ ...shown, ...over }]);
};

const issueGood = (subject: string): Promise<MasterCertificate> => certifier.issue(subject, { type: TYPE, fields });

it('A2: a certificate that nobody asked for, by a certifier that nobody trusts, opens the stock middleware, and is refused here by what this gateway asks for', async () => {
  const rogue = new TestCertifier();
  const attack: Attack = (desk) =>
    presentNew(desk, (subject) => rogue.issue(subject, { type: makeCertificateType(9), fields: { role: 'director' } }));
  await expectBoth(attack, taken, refused(403, 'certificate-untrusted'));
});

it('A2: a certificate without the fields that were asked for opens the stock middleware, and is refused here', async () => {
  const attack: Attack = (desk) =>
    presentNew(desk, (subject) => certifier.issue(subject, { type: TYPE, fields: { name: 'Ann Ode' } }));
  await expectBoth(attack, taken, refused(422, 'certificate-field-missing'));
});

it('a holder can lend its certificate to the session of another in the stock middleware, which looks at neither; here a session is of one identity', async () => {
  const attack: Attack = async (desk) => {
    const [lender, borrower] = [new CertificateWallet(), new CertificateWallet()];
    const caller = await RawCaller.open(desk.origin, borrower);
    const shown = await lender.show(await issueGood(lender.identityKey), caller.gatewayKey, NAMES);
    return present(desk, { caller, signer: lender, over: { identityKey: lender.identityKey } }, [shown]);
  };
  await expectBoth(attack, taken, refused(401, 'auth-identity-mismatch'));
});

it('A8: a good certificate is never answered by the stock middleware, and at once here', async () => {
  await expectBoth((desk) => presentNew(desk, issueGood), taken, { upload: { status: 200 }, gained: true });
});

it('A9: a request without the certificates that are asked for is held by the stock middleware, and answered at once here', async () => {
  const ask = async (desk: Desk): Promise<Outcome> => {
    const signed = await (await RawCaller.open(desk.origin, new CertificateWallet())).sign(echoRequest);
    return outcomeOf(desk, (signal) => sendHttp(desk.origin, signed, signal));
  };
  expect(await ask(desks.stock)).toBe('no answer');
  expect(await ask(desks.gateway)).toEqual({ status: 200 });
});

it('E1: the outpoint that the SDK writes by default verifies until it is read from its bytes; the stock middleware takes it, and this gateway has no reading of it', async () => {
  // As a caller of the SDK gets it who passes no outpoint.
  const issue = (subject: string): Promise<MasterCertificate> =>
    certifier.issue(subject, { type: TYPE, fields, outpoint: '00'.repeat(32) });
  const held = await issue(new CertificateWallet().identityKey);
  await expect(held.verify()).resolves.toBe(true);
  await expect(Certificate.fromBinary(held.toBinary()).verify()).rejects.toMatchObject({
    code: 'ERR_INVALID_SIGNATURE',
  });
  await expectBoth((desk) => presentNew(desk, issue), taken, refused(400, 'certificate-malformed'));
});

it('E2: a certificate whose revocation outpoint is spent opens the stock middleware, and is refused here', async () => {
  const { outpoint, spend } = await makeCoin(desks.devnet);
  await spend();
  const attack: Attack = (desk) =>
    presentNew(desk, (subject) => certifier.issue(subject, { type: TYPE, fields, outpoint }));
  await expectBoth(attack, taken, refused(403, 'certificate-revoked'));
});

it('E3: a forged certificate makes the SDK throw, which the stock middleware answers as a fault of its own; here it is refused', async () => {
  const forge = async (subject: string): Promise<MasterCertificate> => {
    const forged = await new TestCertifier().issue(subject, { type: TYPE, fields });
    forged.certifier = certifier.identityKey;
    return forged;
  };
  await expect((await forge(certifier.identityKey)).verify()).rejects.toMatchObject({ code: 'ERR_INVALID_SIGNATURE' });
  const signedByNobody: Attack = (desk) => presentNew(desk, issueGood, { signature: '' });
  const signedByAnother: Attack = (desk) => presentNew(desk, issueGood, { serialNumber: makeCertificateType(77) });
  const fault: Presentation = { upload: { status: 500, code: 'ERR_INTERNAL_SERVER_ERROR' }, gained: false };
  await expectBoth(signedByAnother, fault, refused(422, 'certificate-signature-invalid'));
  await expectBoth(signedByNobody, fault, refused(400, 'certificate-malformed'));
});

/** Signed over its fields in the order of octets, as other languages sort. */
const signByOctets = async (held: MasterCertificate, key: PrivateKey): Promise<string> => {
  const { type, serialNumber, subject, revocationOutpoint } = held;
  const bare = new Certificate(type, serialNumber, subject, held.certifier, revocationOutpoint, {});
  const writer = new Utils.Writer();
  writer.write(bare.toBinary(false).slice(0, -1));
  writer.writeVarIntNum(Object.keys(held.fields).length);
  for (const name of Object.keys(held.fields).sort())
    for (const text of [name, held.fields[name] ?? '']) {
      const octets = Utils.toArray(text, 'utf8');
      writer.writeVarIntNum(octets.length);
      writer.write(octets);
    }
  const protocolID: [2, string] = [2, 'certificate signature'];
  const keyID = `${type} ${serialNumber}`;
  const { signature } = await new ProtoWallet(key).createSignature({
    ...{ data: writer.toArray(), protocolID, keyID, counterparty: 'anyone' as const },
  });
  return Utils.toHex(signature);
};

it('E4: names with two orders give one certificate two signed forms, of which the stock middleware takes one; here neither has a reading', async () => {
  const key = PrivateKey.fromHex('44'.repeat(32));
  const issue = (subject: string): Promise<MasterCertificate> =>
    certifier.issue(subject, { type: TYPE, fields: { ...fields, Zone: 'north' } });
  const byOctets: Attack = async (desk) => {
    const signer = new CertificateWallet();
    const presenter = await openPresenter(desk, signer);
    const held = await issue(signer.identityKey);
    const shown = await signer.show(held, presenter.caller.gatewayKey, NAMES);
    return present(desk, presenter, [{ ...shown, signature: await signByOctets(held, key) }]);
  };
  // Where both orders agree it is the certifier's own signature, octet for octet.
  const plain = await issueGood(certifier.identityKey);
  expect(await signByOctets(plain, key)).toBe(plain.signature);
  await expectBoth((desk) => presentNew(desk, issue), taken, refused(400, 'certificate-malformed'));
  const fault: Presentation = { upload: { status: 500, code: 'ERR_INTERNAL_SERVER_ERROR' }, gained: false };
  await expectBoth(byOctets, fault, refused(400, 'certificate-malformed'));
});
