import type { AuthorizationAnswer, Expr, PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { Cedar } from './load-cedar';
import type { PreparedCall } from './write-entities';

const ANYONE = { op: 'All' } as const;
const ALWAYS: PolicyJson = { effect: 'permit', principal: ANYONE, action: ANYONE, resource: ANYONE, conditions: [] };

/** What one permit asks for, each part as a policy of its own. */
interface Part {
  readonly policy: PolicyJson;
  readonly kind: 'resource' | 'wish';
}

/** What of a permit does not hold for this question, in its own words; undefined where it is about another resource. */
export const listWants = (cedar: Cedar, text: string, call: PreparedCall): readonly string[] | undefined => {
  const parsed = cedar.policyToJson(text);
  if (parsed.type === 'failure') throw new Error('A policy that was read is not one any more.');
  const parts = cutPolicy(parsed.json);
  const policies = Object.fromEntries(parts.map(({ policy }, place) => [String(place), policy]));
  const held = new Set(reasonsOf(cedar.isAuthorized({ ...call, policies: { staticPolicies: policies } })));
  const missing = parts.filter((_, place) => !held.has(String(place)));
  if (missing.some(({ kind }) => kind === 'resource')) return undefined;
  return missing.map(({ policy }) => writeWant(cedar, policy));
};

/** Each side of an `&&` can be missing by itself. Parts that read what an earlier part asks for are missing with it. */
function cutPolicy({ principal, resource, conditions }: PolicyJson): Part[] {
  const wishes = conditions.flatMap(({ kind, body }) =>
    (kind === 'when' ? cutConjunction(body) : [body]).map((one) => ({ kind, body: one })),
  );
  return [
    { kind: 'resource', policy: { ...ALWAYS, resource } },
    { kind: 'wish', policy: { ...ALWAYS, principal } },
    ...wishes.map((wish): Part => ({ kind: 'wish', policy: { ...ALWAYS, conditions: [wish] } })),
  ];
}

function cutConjunction(body: Expr): Expr[] {
  const parts: Expr[] = [];
  const open = [body];
  while (open.length > 0) {
    const one = open.pop() as Expr;
    if ('&&' in one) {
      const { left, right } = one['&&'] as { readonly left: Expr; readonly right: Expr };
      open.push(right, left);
    } else parts.push(one);
  }
  return parts;
}

function reasonsOf(answer: AuthorizationAnswer): readonly string[] {
  if (answer.type === 'failure') throw new Error(answer.errors[0]?.message ?? 'Cedar did not answer.');
  return answer.response.diagnostics.reason;
}

const CONDITION = /^permit\(principal, action, resource\) (?<kind>when|unless) \{ (?<body>.*) \};$/su;
const SCOPE = /^permit\((?<principal>.*), action, resource\);$/su;

function writeWant(cedar: Cedar, policy: PolicyJson): string {
  const written = cedar.policyToText(policy);
  if (written.type === 'failure') throw new Error('Part of a policy cannot be written.');
  const { kind, body } = CONDITION.exec(written.text)?.groups ?? {};
  if (body !== undefined) return kind === 'unless' ? `unless ${body}` : body;
  return SCOPE.exec(written.text)?.groups?.['principal'] ?? written.text;
}
