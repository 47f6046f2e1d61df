import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInThisContext } from 'node:vm';
import type { KeyStore, RootKey } from '#ports';
import { describeSoftToken } from '#testkit';
import { createPkcs11KeyStore, pkcs11KeyStoreSchema } from '.';
import type { TokenKey } from './token-session';
import { withTokenKey } from './token-session';

/** Jest's own is a copy, which native code and child processes do not see. */
const { env } = runInThisContext('process') as NodeJS.Process;

const PIN = '491847';
const { signal } = new AbortController();
const keys = (): RootKey[] => [{ root: Uint8Array.from(Buffer.alloc(32, 0x5a)), fromMs: 5, untilMs: undefined }];

describeSoftToken('keys that a PKCS#11 token sealed', (library) => {
  let folder: string;
  let path: string;
  const open = (over: Record<string, string> = {}, pin = PIN): KeyStore =>
    createPkcs11KeyStore(
      pkcs11KeyStoreSchema.parse({ kind: 'pkcs11', library, token: 'portcullis', path, ...over }),
      () => Promise.resolve(Buffer.from(pin)),
    );
  const store = async (over: Record<string, string> = {}): Promise<void> => {
    const made = open(over);
    expect(await made.loadKeys(signal)).toEqual([]);
    await made.replaceKeys?.(keys(), signal);
  };
  const initialise = (token: string): void =>
    void execFileSync(
      'softhsm2-util',
      ['--init-token', '--free', '--label', token, '--pin', PIN, '--so-pin', '9182736'],
      {
        stdio: 'pipe',
      },
    );

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'portcullis-hsm-'));
    path = join(folder, 'keys.json');
    mkdirSync(join(folder, 'tokens'));
    writeFileSync(
      join(folder, 'softhsm2.conf'),
      `directories.tokendir = ${join(folder, 'tokens')}\nlog.level = ERROR\n`,
    );
    env['SOFTHSM2_CONF'] = join(folder, 'softhsm2.conf');
    initialise('portcullis');
  });
  afterEach(() => {
    Reflect.deleteProperty(env, 'SOFTHSM2_CONF');
    rmSync(folder, { recursive: true });
  });

  it('come back as they were stored, and the disk has nothing of them', async () => {
    await store();
    expect(await open().loadKeys(signal)).toEqual(keys());
    const changed = open();
    await changed.loadKeys(signal);
    const next = [...keys(), { root: Uint8Array.from(Buffer.alloc(32, 0x5b)), fromMs: 9, untilMs: undefined }];
    await changed.replaceKeys?.(next, signal);
    expect(await open().loadKeys(signal)).toEqual(next);
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(2);
    for (const { parentPath, name } of files)
      expect(readFileSync(join(parentPath, name)).includes(Buffer.alloc(16, 0x5a))).toBe(false);
  });

  it('do not open with another PIN, another token or another key, or when the file was changed', async () => {
    await store();
    const refusal = (given: KeyStore): Promise<string> =>
      given.loadKeys(signal).then(
        () => 'opened',
        (error: unknown) => {
          const { name, message } = error as Error;
          expect(name).toBe('KeyStoreError');
          expect(message).not.toMatch(/491847|555555|5a5a/u);
          return message;
        },
      );
    expect(await refusal(open({}, '555555'))).toMatch(/CKR_PIN_INCORRECT/u);
    expect(await refusal(open({ token: 'nowhere' }))).toMatch(/no token nowhere/u);
    expect(await refusal(open({ keyLabel: 'other' }))).toMatch(/no key other/u);
    expect(await refusal(open({ library: '/nowhere.so' }))).toMatch(/cannot be used/u);
    // The same label in another device: a token that was made anew, or somebody else's.
    initialise('second');
    const elsewhere = join(folder, 'second.json');
    await store({ token: 'second', path: elsewhere });
    const sealed = readFileSync(path, 'utf8');
    expect(await refusal(open({ token: 'second' }))).toMatch(/refused/u);
    writeFileSync(path, readFileSync(elsewhere));
    expect(await refusal(open())).toMatch(/refused/u);
    const file = JSON.parse(sealed) as { sealed: string };
    const octets = Buffer.from(file.sealed, 'base64');
    octets[3]! ^= 1;
    writeFileSync(path, JSON.stringify({ ...file, sealed: octets.toString('base64') }));
    expect(await refusal(open())).toMatch(/refused/u);
    for (const damaged of [sealed.slice(0, 60), JSON.stringify({ ...file, vector: 'AAAA' }), '']) {
      writeFileSync(path, damaged);
      expect(await refusal(open())).toMatch(/was damaged/u);
    }
  });

  it('are sealed by a key that never leaves the token, and none that may leave it is used', async () => {
    await store();
    const codes = await import('pkcs11js');
    const api = new codes.PKCS11();
    const inToken = <T>(work: (session: Buffer) => T): T => {
      api.load(library);
      api.C_Initialize();
      try {
        const slot = api.C_GetSlotList(true).find((one) => api.C_GetTokenInfo(one).label.trim() === 'portcullis');
        const session = api.C_OpenSession(slot!, codes.CKF_SERIAL_SESSION | codes.CKF_RW_SESSION);
        api.C_Login(session, codes.CKU_USER, PIN);
        return work(session);
      } finally {
        api.C_Finalize();
        api.close();
      }
    };
    inToken((session) => {
      api.C_FindObjectsInit(session, [{ type: codes.CKA_LABEL, value: 'portcullis' }]);
      const [found] = api.C_FindObjects(session, 2);
      api.C_FindObjectsFinal(session);
      expect(() => api.C_GetAttributeValue(session, found!, [{ type: codes.CKA_VALUE }])).toThrow(
        /CKR_ATTRIBUTE_SENSITIVE/u,
      );
      api.C_GenerateKey(session, { mechanism: codes.CKM_AES_KEY_GEN }, [
        { type: codes.CKA_LABEL, value: 'loose' },
        { type: codes.CKA_VALUE_LEN, value: 32 },
        { type: codes.CKA_TOKEN, value: true },
        { type: codes.CKA_SENSITIVE, value: false },
        { type: codes.CKA_EXTRACTABLE, value: true },
        { type: codes.CKA_ENCRYPT, value: true },
        { type: codes.CKA_DECRYPT, value: true },
      ]);
    });
    const loose = open({ keyLabel: 'loose', path: join(folder, 'loose.json') });
    await loose.loadKeys(signal);
    await expect(loose.replaceKeys?.(keys(), signal)).rejects.toThrow(/may be taken out/u);
  });

  it('leave no session behind when the work in it fails', async () => {
    const place = { library: library, token: 'portcullis', keyLabel: 'portcullis' };
    const fail = (_key: TokenKey): never => {
      throw new Error('with a secret in it: 491847');
    };
    await expect(withTokenKey(place, Buffer.from(PIN), true, fail)).rejects.toThrow(
      'The token portcullis refused: a fault of the library.',
    );
    await store();
  });
});
