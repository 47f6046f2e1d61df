import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GatewayProcess } from '../../src/demo/gateway-process';

const LAUNCHER = join(__dirname, '..', '..', 'ops', 'launch', 'start.mjs');

/** What a platform without a prebuilt binding does: the operating system refuses to load it. Nothing of ours is replaced. */
const NO_NATIVE = `
  const { dlopen } = process;
  process.dlopen = function (module, file, ...rest) {
    if (/secp256k1|metal/u.test(file)) throw new Error('wrong ELF class');
    return dlopen.call(this, module, file, ...rest);
  };`;

const findFreePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

describe('a machine on which no native secp256k1 loads', () => {
  jest.setTimeout(120_000);
  let dataDir: string;
  let stub: string;
  const started: GatewayProcess[] = [];
  const start = (settings: Record<string, string>) => {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PORTCULLIS_'));
    const ports = { PORTCULLIS_PORT: '0', PORTCULLIS_METRICS_PORT: '0', PORTCULLIS_DEVNET_PORT: '0' };
    const env = { ...Object.fromEntries(inherited), ...ports, PORTCULLIS_DATA_DIR: dataDir, ...settings };
    const gateway = new GatewayProcess(env, ['--require', stub, LAUNCHER]);
    started.push(gateway);
    return gateway;
  };

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'pc-crypto-'));
    stub = join(dataDir, 'no-native.cjs');
    writeFileSync(stub, NO_NATIVE);
  });
  afterEach(async () => {
    for (const gateway of started.splice(0)) await gateway.stop();
    rmSync(dataDir, { recursive: true });
  });

  it('starts nothing where native is demanded: exit code 2, one sentence with the reason, no database', async () => {
    const gateway = start({ PORTCULLIS_CRYPTO_REQUIRED: 'native' });
    expect(await gateway.ended).toBe(2);
    const said = gateway.output.split('\n').filter((line) => line.includes('PORTCULLIS_CRYPTO_REQUIRED demands'));
    expect(said).toEqual([
      expect.stringMatching(/demands native verification .*metal: wrong ELF class\).*set it to any\.$/u),
    ]);
    expect(gateway.output).not.toMatch(/^\s+at /mu);
    expect(existsSync(join(dataDir, 'postgres'))).toBe(false);
  });

  it('starts with the next best where it may, and says so in its log, its health and its metrics', async () => {
    const gateway = start({ PORTCULLIS_METRICS_PORT: String(await findFreePort()) });
    const { api, metrics } = await gateway.ready;
    const ready = (await (await fetch(`${api}/health/ready`)).json()) as {
      checks: { verification: { detail: string } };
    };
    const kind = /; crypto: (wasm|sdk)/u.exec(ready.checks.verification.detail)?.[1];
    expect(kind).toBeDefined();
    const series = new RegExp(`^portcullis_crypto_backend\\{.*kind="${kind}".*\\} 1$`, 'mu');
    expect(await (await fetch(metrics)).text()).toMatch(series);
  });
});
