import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface MadeCertificate {
  readonly certPath: string;
  readonly keyPath: string;
  readonly cert: string;
  readonly key: string;
  readonly fingerprint: string;
}

interface Wish {
  /** As OpenSSL writes it in a configuration: `DNS:erp.acme.example,URI:spiffe://acme/erp`. */
  readonly san?: string;
  readonly usage?: 'clientAuth' | 'serverAuth';
  readonly isExpired?: boolean;
}

/** A certificate authority of this test, made by `openssl`. */
export class TestAuthority {
  readonly folder = mkdtempSync(join(tmpdir(), 'portcullis-tls-'));
  private count = 0;

  constructor(name: string) {
    this.run(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '10',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
    );
    writeFileSync(join(this.folder, 'index.txt'), '');
    writeFileSync(join(this.folder, 'crlnumber'), '01\n');
    const section = ['[ca]', 'default_ca=me', '[me]', 'database=index.txt', 'crlnumber=crlnumber', 'default_md=sha256'];
    writeFileSync(join(this.folder, 'ca.cnf'), [...section, 'default_crl_days=10', ''].join('\n'));
  }

  get caPath(): string {
    return join(this.folder, 'ca.pem');
  }

  get ca(): string {
    return readFileSync(this.caPath, 'utf8');
  }

  issue({ san, usage = 'clientAuth', isExpired = false }: Wish = {}): MadeCertificate {
    const name = `c${String((this.count += 1))}`;
    this.run(
      'req',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
    );
    const extensions = [`extendedKeyUsage=${usage}`, ...(san === undefined ? [] : [`subjectAltName=${san}`])];
    writeFileSync(join(this.folder, `${name}.ext`), extensions.join('\n'));
    const days = isExpired ? ['-days', '-1'] : ['-days', '5'];
    this.run(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-extfile',
      `${name}.ext`,
      '-out',
      `${name}.pem`,
      ...days,
    );
    const [certPath, keyPath] = [join(this.folder, `${name}.pem`), join(this.folder, `${name}.key`)];
    const printed = this.run('x509', '-in', `${name}.pem`, '-noout', '-fingerprint', '-sha256');
    const fingerprint = printed.trim().split('=')[1] ?? '';
    return { certPath, keyPath, cert: readFileSync(certPath, 'utf8'), key: readFileSync(keyPath, 'utf8'), fingerprint };
  }

  /** The list of what was revoked, with this one on it. */
  revoke({ certPath }: MadeCertificate): string {
    this.run('ca', '-config', 'ca.cnf', '-cert', 'ca.pem', '-keyfile', 'ca.key', '-revoke', certPath);
    this.run('ca', '-config', 'ca.cnf', '-cert', 'ca.pem', '-keyfile', 'ca.key', '-gencrl', '-out', 'crl.pem');
    return join(this.folder, 'crl.pem');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  private run(...words: string[]): string {
    return execFileSync('openssl', words, { cwd: this.folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }
}
