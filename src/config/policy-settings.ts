import { z } from 'zod';
import { described, hexKey, structured, text } from './fields';

/** What an identity may be in its organisation. What each may do is for the policies to say. */
export const roles = ['owner', 'operator', 'submitter', 'approver', 'auditor', 'connector'] as const;
export type Role = (typeof roles)[number];

const IDENTITY_KEY_DIGITS = 66;

const member = z.strictObject({
  identityKey: hexKey(IDENTITY_KEY_DIGITS),
  roles: z
    .array(z.enum(roles))
    .max(roles.length)
    .refine((names) => new Set(names).size === names.length, 'must not list a role twice'),
});
/** A bare key is a member without a role: whoever only belongs is given nothing that a policy asks a role for. */
const bareMember = hexKey(IDENTITY_KEY_DIGITS).transform((identityKey) => ({ identityKey, roles: [] as Role[] }));

const organisations = z
  .record(
    z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/u, 'must be lower-case letters, digits and hyphens'),
    // Empty: of an organisation whose members are people, or machines with certificates.
    z.array(
      z.union([bareMember, member], {
        error: 'must be an identity key, or {identityKey, roles} with roles that there are',
      }),
    ),
  )
  .superRefine((value, context) => {
    const keys = Object.values(value)
      .flat()
      .map(({ identityKey }) => identityKey);
    if (new Set(keys).size !== keys.length) {
      context.addIssue({ code: 'custom', message: 'must not list an identity key twice' });
    }
    // The tenant of those who come to the open overlay routes without a name.
    if (Object.hasOwn(value, 'public')) context.addIssue({ code: 'custom', message: 'must not name one `public`' });
    // The tenant of what the gateway applies of its own accord.
    if (Object.hasOwn(value, 'gateway')) context.addIssue({ code: 'custom', message: 'must not name one `gateway`' });
  });

/** Who belongs to whom, as what, and where it is written what they may do. */
export const policySettings = {
  organisations: described(
    structured(organisations).default({}),
    'JSON: organisation name → list of members, each an identity key or `{identityKey, roles}`, roles of `owner`, `operator`, `submitter`, `approver`, `auditor`, `connector`; an identity that is not listed is an organisation of its own',
  ),
  policies: described(
    text().optional(),
    'Path of a `.cedar` file, or of a folder of them, that says who may do what',
    'whoever authenticates may use every route and every topic',
  ),
} as const;
