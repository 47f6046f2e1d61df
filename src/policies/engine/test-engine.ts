import { listActions } from './list-actions';
import { openEngine } from './open-engine';
import type { PolicyAction, PolicyEngine, PolicyQuestion } from './policy';
import type { NamedCertificate } from './write-schema';

const route = (method: string, pattern: string) => ({ method, pattern, manners: {} });

/** A few routes as the gateway has them. */
export const testActions: ReadonlyMap<string, PolicyAction> = listActions([
  route('GET', '/v1/identity'),
  route('POST', '/v1/submissions'),
  route('GET', '/v1/topics/:topic'),
  route('POST', '/v1/offers'),
]);
export const testCertificates: readonly NamedCertificate[] = [
  { name: 'employee', fields: ['name', 'role'] },
  { name: 'auditor', fields: [] },
];

/** The real engine over a text, with the certificates `employee` (name, role) and `auditor`. */
export const openTestEngine = (...texts: readonly string[]): Promise<PolicyEngine> =>
  openEngine(
    texts.map((text, place) => ({ file: `policies${place === 0 ? '' : String(place)}.cedar`, text })),
    testActions,
    testCertificates,
  );

export const NOW_MS = Date.UTC(2026, 10, 30);

export const employee = (role: string, presentedAtMs = NOW_MS - 86_400_000) => ({
  name: 'employee',
  certifier: `02${'cc'.repeat(32)}`,
  fields: new Map([
    ['name', 'Ann Ode'],
    ['role', role],
  ]),
  presentedAtMs,
});

/** Of a member of acme without a role, who wants to submit to `tm_documents`. */
export const askTest = (over: Partial<PolicyQuestion> = {}): PolicyQuestion => ({
  identityKey: `02${'aa'.repeat(32)}`,
  organisation: 'acme',
  roles: [],
  certificates: [],
  action: 'submitToTopic',
  resource: { type: 'Topic', id: 'tm_documents' },
  approvals: [],
  othersApprovals: [],
  step: undefined,
  nowMs: NOW_MS,
  ...over,
});
