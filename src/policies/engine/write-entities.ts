import type { AuthorizationCall, CedarValueJson } from '@cedar-policy/cedar-wasm/nodejs';
import { idOf, kindOf, type PrincipalKind } from '../../identity';
import type { CertificateEvidence, PolicyAction, PolicyQuestion } from './policy';
import { STANDING } from './write-schema';

export type PreparedCall = Pick<AuthorizationCall, 'principal' | 'action' | 'resource' | 'context' | 'entities'>;

const TYPES: Readonly<Record<PrincipalKind, string>> = { identity: 'Identity', person: 'Person', machine: 'Machine' };

const organisationOf = (id: string) => ({ type: 'Organisation', id });
const datetime = (atMs: number): CedarValueJson => ({
  __extn: { fn: 'datetime', arg: new Date(atMs).toISOString() },
});

const writeCertificate = ({
  name,
  certifier,
  type = '',
  fields,
  presentedAtMs,
}: CertificateEvidence): CedarValueJson =>
  name === STANDING
    ? {
        ...{ certifier, type, presentedAt: datetime(presentedAtMs) },
        fields: [...fields].map(([field, value]) => `${field}=${value}`),
      }
    : { certifier, presentedAt: datetime(presentedAtMs), fields: Object.fromEntries(fields) };

const writeOrganisations = (names: readonly string[]): CedarValueJson[] =>
  names.map((id) => ({ __entity: organisationOf(id) }));

/** The question in the terms of the schema. Roles, organisations and topics have no attributes, so that their names are all that Cedar needs of them. */
export const writeEntities = (question: PolicyQuestion, action: PolicyAction): PreparedCall => {
  const { identityKey, organisation, roles, certificates, resource, approvals, step, nowMs } = question;
  const principal = { type: TYPES[kindOf(identityKey)], id: idOf(identityKey) };
  const actionName = { type: 'Action', id: action.name };
  const signed = [...new Set(approvals)];
  const others = [...new Set(question.othersApprovals)];
  return {
    principal,
    action: actionName,
    resource: { type: resource.type, id: resource.id },
    context: {
      approvals: {
        ...{ organisations: writeOrganisations(signed), count: signed.length },
        ...{ others: writeOrganisations(others), otherCount: others.length },
      },
      now: datetime(nowMs),
      ...(step !== undefined && { step }),
    },
    entities: [
      { uid: actionName, attrs: {}, parents: [{ type: 'Action', id: action.group }] },
      {
        uid: principal,
        attrs: {
          organisation: { __entity: organisationOf(organisation) },
          certificates: Object.fromEntries(certificates.map((one) => [one.name, writeCertificate(one)])),
        },
        parents: [organisationOf(organisation), ...roles.map((id) => ({ type: 'Role', id }))],
      },
    ],
  };
};
