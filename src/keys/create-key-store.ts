import type { HttpClient, KeyStore } from '#ports';
import type { Config } from '../config';
import { createEnvironmentKeyStore } from './environment';
import { createFileKeyStore } from './file';
import { unusable } from './key-store-error';
import { createPkcs11KeyStore } from './pkcs11';
import { openSecret } from './read-secret';
import { createVaultKeyStore } from './vault';

export type KeySettings = Pick<Config, 'identityKey' | 'keyStore' | 'keyStoreSecret'>;

/** The store that the configuration names. */
export const createKeyStore = ({ identityKey, keyStore, keyStoreSecret }: KeySettings, http: HttpClient): KeyStore => {
  if (keyStore === undefined) {
    if (identityKey === undefined) throw unusable('No key is configured.');
    return createEnvironmentKeyStore(identityKey);
  }
  const readSecret = openSecret(keyStore.secretFile, keyStoreSecret);
  switch (keyStore.kind) {
    case 'file':
      return createFileKeyStore(keyStore, readSecret);
    case 'pkcs11':
      return createPkcs11KeyStore(keyStore, readSecret);
    case 'vault':
      return createVaultKeyStore(http, keyStore, readSecret);
    case 'relay':
      throw unusable('The kind relay holds no root key; this needs one.');
  }
};
