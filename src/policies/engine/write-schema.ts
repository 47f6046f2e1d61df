import type { SchemaJson } from '@cedar-policy/cedar-wasm/nodejs';
import { roles } from '../../config';
import type { PolicyAction } from './policy';

/** Of a certificate rule, what policies can speak of. */
export interface NamedCertificate {
  readonly name: string;
  readonly fields: readonly string[];
}

type Namespace = SchemaJson<string>[string];
type Attributes = Record<string, { type: string } & Record<string, unknown>>;

const STRING = { type: 'String' } as const;
const DATETIME = { type: 'Extension', name: 'datetime' } as const;
const ORGANISATION = { type: 'Entity', name: 'Organisation' } as const;
const recordOf = (attributes: Attributes) => ({ type: 'Record' as const, attributes });

const writeCertificate = ({ fields }: NamedCertificate) => ({
  required: false,
  ...recordOf({
    certifier: STRING,
    presentedAt: DATETIME,
    fields: recordOf(Object.fromEntries(fields.map((field) => [field, STRING]))),
  }),
});

/**
 * The certificate by which somebody from outside approves for an organisation: one that the operator's registry lets in, so neither its type nor its fields are
 * known here. Each field is `name=value`.
 */
export const STANDING = 'standing';
const STANDING_CERTIFICATE = {
  required: false,
  ...recordOf({ certifier: STRING, type: STRING, presentedAt: DATETIME, fields: { type: 'Set', element: STRING } }),
};

const ORGANISATIONS = { type: 'Set', element: ORGANISATION } as const;
const CONTEXT = recordOf({
  approvals: recordOf({
    organisations: ORGANISATIONS,
    count: { type: 'Long' },
    others: ORGANISATIONS,
    otherCount: { type: 'Long' },
  }),
  step: { ...STRING, required: false },
  now: DATETIME,
});

/**
 * What policies may speak of: the routes that there are, the roles, and the certificates that the configuration asks for, with their fields. Whatever else a
 * policy names is refused at the start; at night it would be a permit that never holds, or a forbid.
 */
export const writeSchema = (
  actions: Iterable<PolicyAction>,
  certificates: readonly NamedCertificate[],
): SchemaJson<string> => {
  const held = {
    ...Object.fromEntries(certificates.map((one) => [one.name, writeCertificate(one)])),
    [STANDING]: STANDING_CERTIFICATE,
  };
  const identity = recordOf({ organisation: ORGANISATION, certificates: recordOf(held) });
  const named = [...actions].map(({ name, group, resource }) => [
    name,
    {
      memberOf: [{ id: group }],
      appliesTo: { principalTypes: ['Identity', 'Person', 'Machine'], resourceTypes: [resource], context: CONTEXT },
    },
  ]);
  const member = { memberOfTypes: ['Organisation', 'Role'], shape: identity };
  const namespace = {
    entityTypes: {
      // By a key; as an account, `Person::"<issuer>#<subject>"`; by a certificate on the connection, under the name that the configuration gives it.
      Identity: member,
      Person: member,
      Machine: member,
      Organisation: {},
      Role: { enum: [...roles] },
      Gateway: {},
      Topic: {},
    },
    actions: { read: {}, write: {}, ...(Object.fromEntries(named) as Namespace['actions']) },
  };
  return { '': namespace };
};
