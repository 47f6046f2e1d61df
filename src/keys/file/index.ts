import { z } from 'zod';
import type { KeyStore } from '#ports';
import type { ReadSecret } from '../read-secret';
import { FileKeyStore } from './file-key-store';

/** What this store is configured with. `secretFile` holds the passphrase where PORTCULLIS_KEY_STORE_SECRET does not. */
export const fileKeyStoreSchema = z.strictObject({
  kind: z.literal('file'),
  path: z.string().trim().min(1),
  secretFile: z.string().trim().min(1).optional(),
});

export const createFileKeyStore = (
  { path }: Pick<z.output<typeof fileKeyStoreSchema>, 'path'>,
  readPassphrase: ReadSecret,
): KeyStore => new FileKeyStore(path, readPassphrase);
