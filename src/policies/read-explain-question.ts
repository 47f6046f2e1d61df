import { accept, isIdentityKey, isTopicName, reject, type Result } from '#atomic-core';
import { z } from 'zod';
import { readJson } from '../ingress';
import type { PolicyWish } from './caller-policies';
import { SUBMIT_TO_TOPIC } from './engine/list-actions';
import type { PolicyAction } from './engine/policy';
import { findAction } from './find-action';
import { resourceOf } from './register-policies';

const ACTION_CHARS_MAX = 256;
const PATH_CHARS_MAX = 2_048;
const NAME_CHARS_MAX = 128;
const APPROVALS_MAX = 64;

/** What may be asked about a caller. Either an action by its name, a method with a path, or a topic alone. */
export const explainBody = z
  .strictObject({
    identityKey: z.string().refine(isIdentityKey).optional(),
    action: z.string().max(ACTION_CHARS_MAX).optional(),
    method: z.string().max(16).optional(),
    path: z.string().startsWith('/').max(PATH_CHARS_MAX).optional(),
    topic: z.string().refine(isTopicName).optional(),
    step: z.string().min(1).max(NAME_CHARS_MAX).optional(),
    approvals: z.array(z.string().min(1).max(NAME_CHARS_MAX)).max(APPROVALS_MAX).optional(),
  })
  .refine(({ method, path }) => (method === undefined) === (path === undefined), 'method and path go together')
  .refine(
    ({ action, path, topic }) =>
      (action === undefined) !== (path === undefined) ||
      (action === undefined && path === undefined && topic !== undefined),
    'name an action, or a method and a path, or a topic alone',
  );
type ExplainBody = z.output<typeof explainBody>;

export interface ExplainQuestion {
  /** Undefined: the caller itself. */
  readonly identityKey: string | undefined;
  /** Each has to be permitted. */
  readonly wishes: readonly PolicyWish[];
}

/** What is asked, in actions that there are. A submission to a topic is two of them: the route, and the topic. */
export const readExplainQuestion = (
  body: Uint8Array,
  actions: ReadonlyMap<string, PolicyAction>,
): Result<ExplainQuestion> => {
  const json = readJson(body);
  if (!json.ok) return json;
  const parsed = explainBody.safeParse(json.value);
  if (!parsed.success) return reject('request-malformed', describe(parsed.error));
  const { identityKey, step, approvals } = parsed.data;
  const named = listNamed(parsed.data, actions);
  if (!named.ok) return named;
  const wishes = named.value.map((wish) => ({ ...wish, step, ...(approvals && { approvals }) }));
  return accept({ identityKey, wishes });
};

function listNamed(body: ExplainBody, actions: ReadonlyMap<string, PolicyAction>): Result<readonly PolicyWish[]> {
  const { topic } = body;
  const ofTopic: readonly PolicyWish[] =
    topic === undefined ? [] : [{ action: SUBMIT_TO_TOPIC, resource: { type: 'Topic', id: topic } }];
  if (body.action === undefined && body.path === undefined) return accept(ofTopic);
  const found = findNamed(body, actions);
  if (found === undefined) return reject('request-malformed', 'there is no such action or route');
  const { action, parameters } = found;
  if (action.resource === 'Gateway')
    return accept([{ action: action.name, resource: resourceOf(action, parameters) }, ...ofTopic]);
  const about = { ...(topic !== undefined && { topic }), ...parameters };
  if (about.topic === undefined) return reject('request-malformed', 'this action is about a topic; name it');
  return accept([{ action: action.name, resource: resourceOf(action, about) }]);
}

function findNamed({ action: name, method, path }: ExplainBody, actions: ReadonlyMap<string, PolicyAction>) {
  if (method !== undefined && path !== undefined) return findAction(actions.values(), { method, path });
  const action = name === undefined ? undefined : actions.get(name);
  return action && { action, parameters: {} as Readonly<Record<string, string>> };
}

/** Names the place and the rule, never what stood there. */
function describe({ issues: [issue] }: z.ZodError): string {
  const place = Object.keys(explainBody.shape).find((name) => name === issue?.path[0]);
  if (place !== undefined) return `${place} is not as it should be`;
  return issue?.code === 'custom' ? issue.message : 'the body is not an object with the members that it may have';
}
