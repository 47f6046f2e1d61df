import { z } from 'zod';

/** What this store is configured with. The PIN of the token's user comes from PORTCULLIS_KEY_STORE_SECRET or `secretFile`. */
export const pkcs11KeyStoreSchema = z.strictObject({
  kind: z.literal('pkcs11'),
  /** The PKCS#11 library of the device, a path. */
  library: z.string().trim().min(1),
  /** Label of the token. */
  token: z.string().trim().min(1).max(32),
  /** Label of the AES-256 key in it that seals the keys of the gateway. */
  keyLabel: z.string().trim().min(1).max(64).default('portcullis'),
  /** The sealed keys, a file. */
  path: z.string().trim().min(1),
  secretFile: z.string().trim().min(1).optional(),
});

export type Pkcs11Settings = z.output<typeof pkcs11KeyStoreSchema>;
