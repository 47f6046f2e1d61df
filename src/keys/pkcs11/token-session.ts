import type * as Pkcs11 from 'pkcs11js';
import { unavailable, unusable } from '../key-store-error';

const VECTOR_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

export interface TokenPlace {
  readonly library: string;
  readonly token: string;
  readonly keyLabel: string;
}

interface Session {
  readonly api: Pkcs11.PKCS11;
  readonly codes: typeof Pkcs11;
  readonly handle: Pkcs11.Handle;
}

export interface TokenKey {
  encrypt(plain: Buffer, vector: Buffer, context: Buffer): Buffer;
  /** Throws where this key, in this context, did not make it. */
  decrypt(sealed: Buffer, vector: Buffer, context: Buffer): Buffer;
}

/** The binding is asked for when it is wanted: it is optional, and built by hand. */
const loadBinding = async (): Promise<typeof Pkcs11> => {
  try {
    return await import('pkcs11js');
  } catch {
    throw unusable('The binding of PKCS#11 is not there; `npm run build:pkcs11` builds it.');
  }
};

/** The name of a PKCS#11 result such as CKR_PIN_INCORRECT. Nothing else of the error: it has a trace of native code. */
const nameFault = (error: unknown): string => {
  const { message } = error as { message?: unknown };
  return (typeof message === 'string' ? /\bCKR_[A-Z0-9_]+/u.exec(message)?.[0] : undefined) ?? 'a fault of the library';
};

const openLibrary = (codes: typeof Pkcs11, library: string): Pkcs11.PKCS11 => {
  const api = new codes.PKCS11();
  try {
    api.load(library);
    api.C_Initialize();
    return api;
  } catch (error) {
    throw unusable(`The PKCS#11 library ${library} cannot be used: ${nameFault(error)}.`);
  }
};

const openSession = (api: Pkcs11.PKCS11, codes: typeof Pkcs11, token: string): Pkcs11.Handle => {
  const slots = api.C_GetSlotList(true).filter((slot) => api.C_GetTokenInfo(slot).label.trim() === token);
  const [slot] = slots;
  if (slot === undefined) throw unavailable(`There is no token ${token}.`);
  if (slots.length > 1) throw unusable(`There are several tokens ${token}.`);
  return api.C_OpenSession(slot, codes.CKF_SERIAL_SESSION | codes.CKF_RW_SESSION);
};

const findKey = ({ api, codes, handle }: Session, keyLabel: string): Pkcs11.Handle | undefined => {
  api.C_FindObjectsInit(handle, [
    { type: codes.CKA_CLASS, value: codes.CKO_SECRET_KEY },
    { type: codes.CKA_KEY_TYPE, value: codes.CKK_AES },
    { type: codes.CKA_LABEL, value: keyLabel },
  ]);
  const found = api.C_FindObjects(handle, 2);
  api.C_FindObjectsFinal(handle);
  if (found.length > 1) throw unusable(`There are several keys ${keyLabel} in the token.`);
  return found[0];
};

/** Sensitive and never to leave: without that the device would be a file with a PIN. */
const makeKey = ({ api, codes, handle }: Session, keyLabel: string): Pkcs11.Handle =>
  api.C_GenerateKey(handle, { mechanism: codes.CKM_AES_KEY_GEN }, [
    { type: codes.CKA_CLASS, value: codes.CKO_SECRET_KEY },
    { type: codes.CKA_KEY_TYPE, value: codes.CKK_AES },
    { type: codes.CKA_LABEL, value: keyLabel },
    { type: codes.CKA_VALUE_LEN, value: KEY_BYTES },
    { type: codes.CKA_TOKEN, value: true },
    { type: codes.CKA_PRIVATE, value: true },
    { type: codes.CKA_SENSITIVE, value: true },
    { type: codes.CKA_EXTRACTABLE, value: false },
    { type: codes.CKA_ENCRYPT, value: true },
    { type: codes.CKA_DECRYPT, value: true },
  ]);

const refuseOpenKey = ({ api, codes, handle }: Session, key: Pkcs11.Handle): void => {
  const asked = [{ type: codes.CKA_SENSITIVE }, { type: codes.CKA_EXTRACTABLE }];
  const [sensitive, extractable] = api.C_GetAttributeValue(handle, key, asked).map(({ value }) => value[0] !== 0);
  if (sensitive !== true || extractable !== false)
    throw unusable('The key in the token may be taken out of it (it is not sensitive, or extractable); make another.');
};

const gcmParameter = (codes: typeof Pkcs11, iv: Buffer, aad: Buffer): Pkcs11.AesGCM => ({
  ...{ type: codes.CK_PARAMS_AES_GCM_v240, iv, aad },
  ...{ ivBits: 8 * VECTOR_BYTES, tagBits: 8 * TAG_BYTES },
});

const cipherOf = ({ api, codes, handle }: Session, key: Pkcs11.Handle): TokenKey => {
  const gcm = (iv: Buffer, aad: Buffer): Pkcs11.Mechanism => ({
    mechanism: codes.CKM_AES_GCM,
    parameter: gcmParameter(codes, iv, aad),
  });
  return {
    encrypt: (plain, vector, context) => {
      api.C_EncryptInit(handle, gcm(vector, context), key);
      return api.C_Encrypt(handle, plain, Buffer.alloc(plain.length + TAG_BYTES));
    },
    decrypt: (sealed, vector, context) => {
      api.C_DecryptInit(handle, gcm(vector, context), key);
      return api.C_Decrypt(handle, sealed, Buffer.alloc(sealed.length));
    },
  };
};

/** One session with the token, logged in and ended with `work`. `mayMake`: a key that is missing is made. */
export const withTokenKey = async <T>(
  place: TokenPlace,
  pin: Buffer,
  mayMake: boolean,
  work: (key: TokenKey) => T,
): Promise<T> => {
  const codes = await loadBinding();
  const api = openLibrary(codes, place.library);
  try {
    const handle = openSession(api, codes, place.token);
    const session = { api, codes, handle };
    api.C_Login(handle, codes.CKU_USER, pin.toString('utf8'));
    const key = findKey(session, place.keyLabel) ?? (mayMake ? makeKey(session, place.keyLabel) : undefined);
    if (key === undefined) throw unusable(`There is no key ${place.keyLabel} in the token ${place.token}.`);
    refuseOpenKey(session, key);
    return work(cipherOf(session, key));
  } catch (error) {
    if (error instanceof Error && error.name === 'KeyStoreError') throw error;
    throw unusable(`The token ${place.token} refused: ${nameFault(error)}.`);
  } finally {
    // Ends the session and its login as well.
    api.C_Finalize();
    api.close();
  }
};
