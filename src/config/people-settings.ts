import { z } from 'zod';
import { described, httpUrl, milliseconds, organisationName, secret, structured, text } from './fields';
import { roles } from './policy-settings';

const organisation = organisationName();
const someRoles = z
  .array(z.enum(roles))
  .min(1)
  .max(roles.length)
  .refine((names) => new Set(names).size === names.length, 'must not list a role twice');

const grant = z.strictObject({ organisation, roles: someRoles });
const roleGrants = z
  .record(z.string().min(1).max(256), grant)
  .refine((grants) => Object.keys(grants).length <= 256, 'must not list more than 256 values');

const client = z
  .strictObject({
    /** What decisions, audit and log call it. */
    name: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,62}$/u, 'must be lower-case letters, digits, dots and hyphens'),
    /** A subject alternative name of its certificate, as OpenSSL prints it: `DNS:erp.acme.example`, `URI:spiffe://acme/erp`. */
    san: z
      .string()
      .max(512)
      .regex(/^(?:DNS|URI|email):[^\s",]+$/u, 'must be DNS:…, URI:… or email:…')
      .optional(),
    /** Or its SHA-256, in hex with or without colons. */
    fingerprint: z
      .string()
      .transform((value) => value.replaceAll(':', '').toLowerCase())
      .refine((value) => /^[0-9a-f]{64}$/u.test(value), 'must be a SHA-256 in hex')
      .optional(),
    organisation,
    roles: someRoles,
  })
  .refine(
    ({ san, fingerprint }) => (san === undefined) !== (fingerprint === undefined),
    'must have a san or a fingerprint',
  );

const clients = z
  .array(client)
  .max(1_000)
  .superRefine((list, context) => {
    for (const key of ['name', 'san', 'fingerprint'] as const) {
      const values = list.flatMap((one) => one[key] ?? []);
      if (new Set(values).size !== values.length)
        context.addIssue({ code: 'custom', message: `must not use a ${key} twice` });
    }
  });

/** As it is: an issuer is compared by its characters, and a slash at its end is one of them. */
const issuer = () =>
  z
    .url({ protocol: /^https?$/u, error: 'must be an http or https URL' })
    .refine((value) => !/[?#@]/u.test(value), 'must have no query, fragment or credentials');

const scope = () =>
  text().refine((value) => value.split(/\s+/u).includes('openid'), 'must have `openid` among its words');

/** How people come in, and machines that have a certificate in place of a key. */
export const peopleSettings = {
  oidcIssuer: described(issuer().optional(), 'OpenID Connect provider that people log in with', 'nobody logs in'),
  oidcClientId: described(text().max(256).optional(), 'As what this gateway is registered with the provider'),
  oidcClientSecret: described(secret().optional(), 'Its secret there', 'it is a public client'),
  oidcScope: described(scope().default('openid profile'), 'What is asked for at a login'),
  oidcRolesClaim: described(
    text().max(256).default('roles'),
    'Claim of the ID token that roles come from; where none has this very name, its dots lead into objects (`realm_access.roles`)',
  ),
  oidcRoles: described(
    structured(roleGrants).default({}),
    'JSON: value of that claim → `{organisation, roles}`; a value that is not listed gives nothing',
  ),
  oidcOrigins: described(
    structured(z.array(httpUrl()).max(16)).default([]),
    'JSON: list of URLs on whose origins the provider has endpoints, beside that of the issuer',
  ),
  personSessionTtlMs: described(
    milliseconds(60_000, 86_400_000).default(28_800_000),
    'How long a session of a person lasts at most; roles are asked of the provider anew at each login',
  ),
  personSessionIdleMs: described(
    milliseconds(1_000, 86_400_000).default(1_800_000),
    'After how long without a request it ends',
  ),
  tlsCert: described(text().optional(), 'Path of the certificate chain (PEM) of the API', 'the API speaks HTTP'),
  tlsKey: described(text().optional(), 'Path of its private key (PEM)'),
  tlsClientCa: described(
    text().optional(),
    'Path of the authorities (PEM) whose client certificates are taken',
    'none are asked for',
  ),
  tlsClientCrl: described(text().optional(), 'Path of their revocation lists (PEM)', 'none'),
  tlsClients: described(
    structured(clients).default([]),
    'JSON: list of `{name, san or fingerprint, organisation, roles}`: machines that may use a client certificate in place of a key; one that is not listed gives nothing',
  ),
} as const;

export type RoleGrant = z.output<typeof grant>;
export type TlsClient = z.output<typeof client>;
