import 'reflect-metadata';
import { webcrypto, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type JsonGeneralName,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  X509CrlGenerator,
  type X509Certificate as Made,
} from '@peculiar/x509';

export interface MadeCertificate {
  readonly certPath: string;
  readonly keyPath: string;
  readonly cert: string;
  readonly key: string;
  readonly fingerprint: string;
  readonly serialNumber: string;
}

interface Wish {
  /** `DNS:erp.acme.example`, `URI:spiffe://acme/erp`, `IP:127.0.0.1`. */
  readonly san?: readonly string[];
  readonly usage?: 'clientAuth' | 'serverAuth';
  readonly isExpired?: boolean;
}

type KeyPair = webcrypto.CryptoKeyPair;

const DAY_MS = 86_400_000;
const CURVE = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' };
const NAME_KINDS = { DNS: 'dns', URI: 'url', IP: 'ip' } as const;

const makeKeys = (): Promise<KeyPair> => webcrypto.subtle.generateKey(CURVE, true, ['sign', 'verify']);

const nameOf = (text: string): JsonGeneralName => {
  const at = text.indexOf(':');
  return { type: NAME_KINDS[text.slice(0, at) as keyof typeof NAME_KINDS], value: text.slice(at + 1) };
};

const writeKey = async ({ privateKey }: KeyPair): Promise<string> => {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', privateKey)).toString('base64');
  const lines = der.match(/.{1,64}/gu) ?? [];
  return ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join('\n');
};

/** A certificate authority of this test. */
export class TestAuthority {
  private readonly folder = mkdtempSync(join(tmpdir(), 'portcullis-tls-'));
  readonly caPath = join(this.folder, 'ca.pem');
  private count = 1;

  private constructor(
    private readonly root: Made,
    private readonly keys: KeyPair,
  ) {
    writeFileSync(this.caPath, this.ca);
  }

  static async create(name: string): Promise<TestAuthority> {
    const keys = await makeKeys();
    const root = await X509CertificateGenerator.createSelfSigned(
      {
        ...{ serialNumber: '01', name: `CN=${name}`, keys, signingAlgorithm: SIGNING },
        ...{ notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + 10 * DAY_MS) },
        extensions: [new BasicConstraintsExtension(true, undefined, true)],
      },
      webcrypto,
    );
    return new TestAuthority(root, keys);
  }

  get ca(): string {
    return this.root.toString('pem');
  }

  async issue({ san, usage = 'clientAuth', isExpired = false }: Wish = {}): Promise<MadeCertificate> {
    this.count += 1;
    const name = `c${String(this.count)}`;
    const keys = await makeKeys();
    const ends = Date.now() + (isExpired ? -1 : 5 * DAY_MS);
    const made = await X509CertificateGenerator.create(
      {
        serialNumber: this.count.toString(16).padStart(2, '0'),
        ...{ subject: `CN=${name}`, issuer: this.root.subject, publicKey: keys.publicKey },
        ...{ signingKey: this.keys.privateKey, signingAlgorithm: SIGNING },
        ...{ notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(ends) },
        extensions: [
          new ExtendedKeyUsageExtension([ExtendedKeyUsage[usage]]),
          ...(san === undefined ? [] : [new SubjectAlternativeNameExtension(san.map(nameOf))]),
        ],
      },
      webcrypto,
    );
    const [certPath, keyPath] = [join(this.folder, `${name}.pem`), join(this.folder, `${name}.key`)];
    const [cert, key] = [made.toString('pem'), await writeKey(keys)];
    writeFileSync(certPath, cert);
    writeFileSync(keyPath, key);
    const fingerprint = new X509Certificate(cert).fingerprint256;
    return { certPath, keyPath, cert, key, fingerprint, serialNumber: made.serialNumber };
  }

  /** The path of the list of what was revoked, with this one on it. */
  async revoke({ serialNumber }: MadeCertificate): Promise<string> {
    const list = await X509CrlGenerator.create(
      {
        issuer: this.root.subject,
        ...{ thisUpdate: new Date(Date.now() - DAY_MS), nextUpdate: new Date(Date.now() + 10 * DAY_MS) },
        entries: [{ serialNumber, revocationDate: new Date() }],
        ...{ signingKey: this.keys.privateKey, signingAlgorithm: SIGNING },
      },
      webcrypto,
    );
    const path = join(this.folder, 'crl.pem');
    // The label of RFC 7468.
    writeFileSync(path, list.toString('pem').replaceAll(' CRL-----', ' X509 CRL-----'));
    return path;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
