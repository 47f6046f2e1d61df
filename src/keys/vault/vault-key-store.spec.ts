import type { ServerResponse } from 'node:http';
import { openGatewayKeys } from '#atomic-core';
import type { KeyStore, RootKey } from '#ports';
import { VaultServer } from '#testkit';
import { buildEgressPolicy, PinnedHttpClient } from '../../egress';
import { createVaultKeyStore, vaultKeyStoreSchema } from '.';

const ROOT = '5a'.repeat(32);
const { signal } = new AbortController();
const START_MS = Date.parse('2026-12-01T00:00:00Z');
const keys = (): RootKey[] => [
  { root: Buffer.from(ROOT, 'hex'), fromMs: START_MS, untilMs: START_MS + 5 },
  { root: Buffer.from('5b'.repeat(32), 'hex'), fromMs: START_MS + 1, untilMs: undefined },
];

let vault: VaultServer;
beforeEach(async () => {
  vault = await VaultServer.start();
});
afterEach(() => vault.stop());

const open = (over: Record<string, unknown> = {}, secret = 'root-token'): KeyStore =>
  createVaultKeyStore(
    new PinnedHttpClient(buildEgressPolicy([vault.url])),
    vaultKeyStoreSchema.parse({ kind: 'vault', url: vault.url, ...over }),
    () => Promise.resolve(Buffer.from(secret)),
  );

const store = async (): Promise<void> => {
  const made = open();
  expect(await made.loadKeys(signal)).toEqual([]);
  await made.replaceKeys?.(keys(), signal);
};

const refusal = (given: KeyStore = open()): Promise<{ kind: string; message: string }> =>
  given.loadKeys(signal).then(
    () => ({ kind: 'opened', message: '' }),
    (error: unknown) => {
      const { name, kind, message } = error as Error & { kind: string };
      expect(name).toBe('KeyStoreError');
      expect(message).not.toMatch(/5a5a|root-token|secret-id|hvs\.|a lie/u);
      return { kind, message };
    },
  );

describe('keys in Vault', () => {
  it('come back as they were stored, under a path that was free', async () => {
    await store();
    const loaded = open();
    expect(await loaded.loadKeys(signal)).toEqual(keys());
    await loaded.replaceKeys?.(keys().slice(1), signal);
    expect(await open().loadKeys(signal)).toEqual(keys().slice(1));
    expect(vault.versions).toHaveLength(2);
  });

  it('are not replaced where somebody else replaced them since', async () => {
    await store();
    const [first, second] = [open(), open()];
    for (const one of [first, second]) await one.loadKeys(signal);
    await first.replaceKeys?.(keys().slice(1), signal);
    await expect(second.replaceKeys?.(keys(), signal)).rejects.toThrow(/changed by somebody else/u);
    // Two that found it empty.
    vault.versions = [];
    const [third, fourth] = [open(), open()];
    for (const one of [third, fourth]) await one.loadKeys(signal);
    await third.replaceKeys?.(keys(), signal);
    await expect(fourth.replaceKeys?.(keys(), signal)).rejects.toThrow(/changed by somebody else/u);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['AppRole', { method: 'approle', roleId: 'role' }, 'secret-id'],
    ['Kubernetes', { method: 'kubernetes', role: 'gateway' }, 'jwt-of-the-pod'],
  ])('are read with a token of %s, which is given back', async (_name, auth, secret) => {
    await store();
    vault.asked.length = 0;
    expect(await open({ auth }, secret).loadKeys(signal)).toEqual(keys());
    expect(vault.asked.map(({ line }) => line)).toEqual([
      `POST auth/${String(auth['method'])}/login`,
      'GET secret/data/portcullis',
      'POST auth/token/revoke-self',
    ]);
    expect(vault.liveTokens).toBe(0);
    expect((await refusal(open({ auth }, 'another'))).message).toMatch(/wrong credentials/u);
    vault.isReadable = false;
    expect(await refusal(open({ auth }, secret))).toMatchObject({ kind: 'unusable' });
    expect(vault.liveTokens).toBe(0);
  });

  it.each<[string, () => void, string, RegExp]>([
    ['it is sealed', () => (vault.isSealed = true), 'unavailable', /sealed \(503\)/u],
    ['its policy does not allow it', () => (vault.isReadable = false), 'unusable', /\(403\)/u],
    ['they were deleted', () => (vault.versions[0]!.deletedAt = '2026-01-01T00:00:00Z'), 'unusable', /undelete/u],
    ['it is a standby', () => (vault.instead = (it) => it.writeHead(473).end()), 'unavailable', /standby/u],
    ['it fails', () => (vault.instead = (it) => it.writeHead(500).end('a lie')), 'unavailable', /\(500\)/u],
    ['it sends on', () => (vault.instead = (it) => it.writeHead(307, { location: '/x' }).end()), 'unavailable', /307/u],
    ['it hangs up', () => (vault.instead = (it) => it.destroy()), 'unavailable', /cannot be asked/u],
    ['it talks without end', () => (vault.instead = pour), 'unavailable', /larger than/u],
  ])('are not there when %s', async (_what, arrange, kind, sentence) => {
    await store();
    arrange();
    const refused = await refusal();
    expect(refused.kind).toBe(kind);
    expect(refused.message).toMatch(sentence);
  });

  it('are not waited for longer than the start may take', async () => {
    await store();
    vault.instead = () => undefined;
    const stop = new AbortController();
    const loading = open().loadKeys(stop.signal);
    setTimeout(() => stop.abort(), 50);
    await expect(loading).rejects.toMatchObject({ kind: 'unavailable' });
  });

  const honest = { version: 1, destroyed: false, deletion_time: '' };
  const one = { key: ROOT, from: '2026-12-01T00:00:00Z' };
  it.each<[string, unknown]>([
    ['no JSON', '<html>a lie</html>'],
    ['nothing', {}],
    ['no keys', { data: { data: { keys: [] }, metadata: honest } }],
    ['keys of version 1 of the engine', { data: { keys: [one] } }],
    ['a destroyed version', { data: { data: { keys: [one] }, metadata: { ...honest, destroyed: true } } }],
    ['a key that is short', { data: { data: { keys: [{ ...one, key: '5a5a' }] }, metadata: honest } }],
    ['a key of zeros', { data: { data: { keys: [{ ...one, key: '00'.repeat(32) }] }, metadata: honest } }],
    ['a key beyond the order', { data: { data: { keys: [{ ...one, key: 'ff'.repeat(32) }] }, metadata: honest } }],
    ['a time that is none', { data: { data: { keys: [{ ...one, from: 'soon' }] }, metadata: honest } }],
    ['a thousand keys', { data: { data: { keys: Array(1_000).fill(one) }, metadata: honest } }],
    ['text for keys', { data: { data: { keys: 'a lie' }, metadata: honest } }],
  ])('are not made of %s', async (_what, lie) => {
    vault.instead = (it) => it.writeHead(200).end(typeof lie === 'string' ? lie : JSON.stringify(lie));
    expect((await refusal()).message).toMatch(/no keys of a gateway|larger than/u);
  });

  it('give the gateway no other identity than the one that is configured', async () => {
    await store();
    const identityKey = openGatewayKeys(ROOT).identityKey;
    expect(await open({ identityKey }).loadKeys(signal)).toEqual(keys());
    const other = openGatewayKeys('11'.repeat(32)).identityKey;
    expect((await refusal(open({ identityKey: other }))).message).toMatch(/not those of this gateway/u);
  });

  it('are not believed to be written when Vault does not say so', async () => {
    await store();
    const loaded = open();
    await loaded.loadKeys(signal);
    for (const lie of ['{}', '{"data":{"version":1}}', '{"data":{"version":9}}', '']) {
      vault.instead = (it) => it.writeHead(200).end(lie);
      await expect(loaded.replaceKeys?.(keys(), signal)).rejects.toThrow(/did not say that it wrote/u);
    }
  });

  it.each(['a\r\nx-other: 1', 'a b', 'é'])('takes no token that would break a header', async (token) => {
    expect((await refusal(open({}, token))).message).toMatch(/malformed/u);
    expect(vault.asked).toEqual([]);
  });

  it.each([{ path: '../sys/seal' }, { path: 'a//b' }, { mount: 'a?b' }, { url: 'file:///etc' }, { path: 'a/./b' }])(
    'has no settings such as %j',
    (over) => {
      expect(vaultKeyStoreSchema.safeParse({ kind: 'vault', url: vault.url, ...over }).success).toBe(false);
    },
  );
});

const pour = (response: ServerResponse): void => {
  response.writeHead(200);
  const more = (): void => {
    while (response.write('x'.repeat(65_536)));
    response.once('drain', more);
  };
  more();
};
