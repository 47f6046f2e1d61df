import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

const CHILD = join(__dirname, 'verification-child.cjs');
const BUILT = join(__dirname, '..', '..', 'dist', 'src', 'verification', 'verification.service.js');

export interface ProcessAnswer {
  readonly code: string;
  /** What its metrics counted since it started: name, then label values. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Verifies in another process, as another replica of the gateway on the same database does. */
export class VerificationProcess {
  private readonly folder = mkdtempSync(join(tmpdir(), 'portcullis-verification-'));
  private readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  private readonly waiting = new Map<string, (line: string) => void>();
  private readonly ended: Promise<void>;
  private said = '';
  private asked = 0;

  private constructor(databaseUrl: string) {
    if (!existsSync(BUILT)) throw new Error('the build is missing; run npm run build');
    const settings = { identityKey: '11'.repeat(32), databaseUrl, verificationWorkers: 1, dataDir: this.folder };
    this.child = spawn(process.execPath, [CHILD, JSON.stringify(settings)], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.child.stderr.on('data', (chunk: Buffer) => (this.said += chunk.toString()));
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      const [id = ''] = line.split(' ', 1);
      this.waiting.get(id)?.(line.slice(id.length + 1));
      this.waiting.delete(id);
    });
    this.ended = new Promise((resolve) => this.child.once('close', () => resolve()));
  }

  static async open(databaseUrl: string): Promise<VerificationProcess> {
    const opened = new VerificationProcess(databaseUrl);
    await opened.hear('ready');
    return opened;
  }

  async verify(beef: Uint8Array): Promise<ProcessAnswer> {
    const id = String((this.asked += 1));
    const file = join(this.folder, id);
    writeFileSync(file, beef);
    const heard = this.hear(id);
    this.child.stdin.write(`${id} ${file}\n`);
    const line = await heard;
    const [code = ''] = line.split(' ', 1);
    return { code, counts: JSON.parse(line.slice(code.length + 1)) as Record<string, number> };
  }

  async close(): Promise<void> {
    this.child.stdin.end();
    await this.ended;
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async hear(id: string): Promise<string> {
    const line = new Promise<string>((resolve) => this.waiting.set(id, resolve));
    const lost = this.ended.then(() => Promise.reject(new Error(`The other process ended: ${this.said}`)));
    return Promise.race([line, lost]);
  }
}
