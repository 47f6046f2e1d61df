import type { HttpClient } from '#ports';
import { startTimeBudget } from '../egress';
import { createKeyStore, type KeySettings } from './create-key-store';
import { KeyRing } from './key-ring';
import { openSecret } from './read-secret';
import { loadRelayKeys } from './relay';

/** A store that has not answered by then is away, and the start says so. */
const LOAD_MS_MAX = 30_000;

/** Asks the store once, at the start: what it answers counts until this process ends. */
export const openKeyRing = async (settings: KeySettings, http: HttpClient): Promise<KeyRing> => {
  const { keyStore, keyStoreSecret } = settings;
  if (keyStore?.kind === 'relay')
    return KeyRing.ofRelayKeys(await loadRelayKeys(openSecret(keyStore.secretFile, keyStoreSecret)));
  const budget = startTimeBudget(LOAD_MS_MAX);
  try {
    return KeyRing.ofRoots(await createKeyStore(settings, http).loadKeys(budget.signal));
  } finally {
    budget.end();
  }
};
