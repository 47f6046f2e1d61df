import type { HttpClient, KeyStore } from '#ports';
import type { ReadSecret } from '../read-secret';
import { VaultKeyStore } from './vault-key-store';
import type { VaultSettings } from './vault-settings';

export { vaultKeyStoreSchema } from './vault-settings';

export const createVaultKeyStore = (http: HttpClient, settings: VaultSettings, readSecret: ReadSecret): KeyStore =>
  new VaultKeyStore(http, settings, readSecret);
