import type { KeyStore } from '#ports';
import type { ReadSecret } from '../read-secret';
import { Pkcs11KeyStore } from './pkcs11-key-store';
import type { Pkcs11Settings } from './pkcs11-settings';

export { pkcs11KeyStoreSchema } from './pkcs11-settings';

export const createPkcs11KeyStore = (settings: Pkcs11Settings, readPin: ReadSecret): KeyStore =>
  new Pkcs11KeyStore(settings, readPin);
