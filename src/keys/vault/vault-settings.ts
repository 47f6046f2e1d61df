import { z } from 'zod';

const name = (what: string) =>
  z
    .string()
    .regex(/^[A-Za-z0-9_.-]+(?:\/[A-Za-z0-9_.-]+)*$/u, `must be ${what}`)
    .refine((text) => !text.split('/').some((part) => part === '.' || part === '..'), `must be ${what}`);

/** What this store is configured with. Token and secret id come from PORTCULLIS_KEY_STORE_SECRET or `secretFile`. */
export const vaultKeyStoreSchema = z.strictObject({
  kind: z.literal('vault'),
  url: z
    .url({ protocol: /^https?$/u, error: 'must be an http or https URL' })
    .transform((url) => url.replace(/\/+$/u, '')),
  mount: name('the mount of a KV engine of version 2').default('secret'),
  path: name('a path of that engine').default('portcullis'),
  namespace: name('a namespace').optional(),
  auth: z
    .discriminatedUnion('method', [
      z.strictObject({ method: z.literal('token') }),
      z.strictObject({
        method: z.literal('approle'),
        mount: name('a mount').default('approle'),
        roleId: z.string().min(1),
      }),
      z.strictObject({
        method: z.literal('kubernetes'),
        mount: name('a mount').default('kubernetes'),
        role: z.string().min(1),
      }),
    ])
    .default({ method: 'token' }),
  /** The public key that must be among those that Vault answers: one that lies cannot give the gateway another identity. */
  identityKey: z
    .string()
    .regex(/^0[23][0-9a-f]{64}$/u, 'must be a compressed public key in lower-case hex')
    .optional(),
  secretFile: z.string().trim().min(1).optional(),
});

export type VaultSettings = z.output<typeof vaultKeyStoreSchema>;
