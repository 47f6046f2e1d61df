import 'fake-indexeddb/auto';
import { KeyDeriver, PrivateKey } from '@bsv/sdk';
import { StorageIdb, Wallet, WalletStorageManager } from '@bsv/wallet-toolbox-client';

type Filter = Parameters<StorageIdb['findCertificates']>[0];

/**
 * Defect of StorageIdb 2.1.5 (and of `-mobile` 2.1.22): `proveCertificate` asks it for certificates of any certifier and type with empty lists, as of the
 * other stores, and it takes an empty list for none, so no browser wallet proves anything. Nothing else of the wallet is touched.
 */
class MendedStorage extends StorageIdb {
  override findCertificates({
    certifiers = [],
    types = [],
    ...rest
  }: Filter): ReturnType<StorageIdb['findCertificates']> {
    return super.findCertificates({
      ...rest,
      ...(certifiers.length > 0 && { certifiers }),
      ...(types.length > 0 && { types }),
    });
  }
}

/** The wallet of `@bsv/wallet-toolbox`, in the variant without a server's databases: its IndexedDB is in memory. */
export const openStockWallet = async (key = PrivateKey.fromRandom()): Promise<Wallet> => {
  const keyDeriver = new KeyDeriver(key);
  const store = new MendedStorage({
    ...({ chain: 'test', feeModel: { model: 'sat/kb', value: 1 } } as const),
    commissionSatoshis: 0,
  });
  await store.migrate('wallet', keyDeriver.identityKey);
  await store.makeAvailable();
  const storage = new WalletStorageManager(keyDeriver.identityKey, store);
  await storage.makeAvailable();
  return new Wallet({ chain: 'test', keyDeriver, storage });
};
