import { MasterCertificate, PrivateKey, ProtoWallet, Utils } from '@bsv/sdk';
import type {
  ListCertificatesArgs,
  ListCertificatesResult,
  ProveCertificateArgs,
  ProveCertificateResult,
  WalletCertificate,
} from '@bsv/sdk';
import { DevWallet } from './wallet';

/** A certifier: signs what it is told about whoever it is told. */
export class TestCertifier {
  private readonly wallet: ProtoWallet;
  readonly identityKey: string;

  constructor(key: PrivateKey = PrivateKey.fromRandom()) {
    this.wallet = new ProtoWallet(key);
    this.identityKey = key.toPublicKey().toString();
  }

  /** With the keyring of its subject, who can disclose any field of it. Without an outpoint: one that cannot be revoked. */
  issue(subject: string, { type, fields, outpoint, serialNumber }: IssueRequest): Promise<MasterCertificate> {
    const revocation = outpoint ?? `${'00'.repeat(32)}.0`;
    return MasterCertificate.issueCertificateForSubject(
      this.wallet,
      subject,
      { ...fields },
      type,
      () => Promise.resolve(revocation),
      serialNumber,
    );
  }
}

export interface IssueRequest {
  /** Base64 of 32 octets. */
  readonly type: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly outpoint?: string;
  readonly serialNumber?: string;
}

const writeCertificate = (held: MasterCertificate): WalletCertificate => {
  const { type, serialNumber, subject, certifier, revocationOutpoint, fields, signature } = held;
  return { type, serialNumber, subject, certifier, revocationOutpoint, fields, signature: signature ?? '' };
};

/** A wallet that holds certificates and proves them field by field (BRC-100), so that unmodified `AuthFetch` presents them. */
export class CertificateWallet extends DevWallet {
  private readonly held: MasterCertificate[] = [];
  /** What it was asked to reveal, in order. */
  readonly revealed: string[][] = [];

  hold(certificate: MasterCertificate): void {
    this.held.push(certificate);
  }

  override listCertificates = ({ certifiers, types }: ListCertificatesArgs): Promise<ListCertificatesResult> => {
    const certificates = this.held
      .filter(({ certifier, type }) => certifiers.includes(certifier) && types.includes(type))
      .map(writeCertificate);
    return Promise.resolve({ totalCertificates: certificates.length, certificates });
  };

  override proveCertificate = async ({
    certificate,
    fieldsToReveal,
    verifier,
  }: ProveCertificateArgs): Promise<ProveCertificateResult> => {
    const held = this.held.find(({ serialNumber }) => serialNumber === certificate.serialNumber);
    if (held === undefined) throw new Error('The wallet does not hold this certificate.');
    this.revealed.push([...fieldsToReveal]);
    const { certifier, fields, masterKeyring, serialNumber } = held;
    const keyringForVerifier = await MasterCertificate.createKeyringForVerifier(
      this,
      certifier,
      verifier,
      fields,
      fieldsToReveal,
      masterKeyring,
      serialNumber,
    );
    return { keyringForVerifier };
  };

  /** The JSON of a certificate with its keyring, for POST /v1/certificates or a message of BRC-103. */
  async show(
    held: MasterCertificate,
    verifier: string,
    fieldsToReveal: readonly string[],
  ): Promise<Record<string, unknown>> {
    const certificate = writeCertificate(held);
    const { certifier, fields, masterKeyring, serialNumber } = held;
    const keyring = await MasterCertificate.createKeyringForVerifier(
      this,
      certifier,
      verifier,
      fields,
      [...fieldsToReveal],
      masterKeyring,
      serialNumber,
    );
    return { ...certificate, keyring };
  }
}

/** A type of certificate that nobody else uses. */
export const makeCertificateType = (fill: number): string => Utils.toBase64(Array.from({ length: 32 }, () => fill));
