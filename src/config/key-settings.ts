import { z } from 'zod';
import { readKeySetting } from '../keys/environment';
import { fileKeyStoreSchema } from '../keys/file';
import { pkcs11KeyStoreSchema } from '../keys/pkcs11';
import { relayKeysSchema } from '../keys/relay';
import { vaultKeyStoreSchema } from '../keys/vault';
import { described, secret, structured, text } from './fields';
import { Secret } from './secret';

const keyStore = z.discriminatedUnion('kind', [
  fileKeyStoreSchema,
  pkcs11KeyStoreSchema,
  vaultKeyStoreSchema,
  relayKeysSchema,
]);

const isKeySetting = (given: string): boolean => {
  const keys = readKeySetting(given);
  for (const { root } of keys ?? []) root.fill(0);
  return keys !== undefined;
};

/** Where the gateway's own keys come from. */
export const keySettings = {
  identityKey: described(
    text()
      .refine(
        isKeySetting,
        'must be 64 hex digits above zero and below the order of secp256k1, or a JSON list of {key, from?, until?}',
      )
      .transform((value) => new Secret(value))
      .optional(),
    'Private key of the gateway, 64 hex digits; in a rotation JSON: list of `{key, from?, until?}`',
    'in development: generated into `keys/identity.key` of the data folder',
  ),
  keyStore: described(
    structured(keyStore).optional(),
    'JSON: `{kind, …}`, kind `file`, `pkcs11`, `vault` or `relay`: the store that holds the keys in place of `PORTCULLIS_IDENTITY_KEY`; see [Keys](#keys)',
  ),
  keyStoreSecret: described(
    secret().optional(),
    'Passphrase, PIN, token or secret id of the key store, where `secretFile` in it names no file',
  ),
} as const;
