import { isUnderV1, type RouteEntry } from '../../ingress';
import type { PolicyAction } from './policy';

/** To have a transaction judged and applied by one topic, by whichever route. */
export const SUBMIT_TO_TOPIC = 'submitToTopic';
/** To agree, for an organisation, to a proposal that is for one topic. */
export const APPROVE_FOR_TOPIC = 'approveForTopic';

/** They ask and change nothing; the question is too long for a URL. */
const READS_BY_POST = new Set([
  'POST /v1/verifications',
  'POST /v1/lookup',
  'POST /v1/policies/explain',
  'POST /v1/wallet/listOutputs',
  'POST /lookup',
  'POST /requestSyncResponse',
  'POST /requestForeignGASPNode',
]);
const TOPIC_PARAMETER = '/:topic';

export const nameAction = (method: string, pattern: string): string => `${method} ${pattern}`;

/** One action for each route that a caller can authenticate at, the one that every submission to a topic is, and the one that every approval of it is. */
export const listActions = (routes: readonly RouteEntry[]): ReadonlyMap<string, PolicyAction> => {
  const actions = routes
    .filter(({ pattern, manners }) => isUnderV1(pattern) || manners.identity === 'optional')
    .map(({ method, pattern }): PolicyAction => {
      const name = nameAction(method, pattern);
      const isTopic = `${pattern}/`.includes(`${TOPIC_PARAMETER}/`);
      const group = method === 'GET' || READS_BY_POST.has(name) ? 'read' : 'write';
      return { name, group, resource: isTopic ? 'Topic' : 'Gateway' };
    });
  const ofTopics = [SUBMIT_TO_TOPIC, APPROVE_FOR_TOPIC].map((name): PolicyAction => ({
    ...{ name, group: 'write', resource: 'Topic' },
  }));
  return new Map([...actions, ...ofTopics].map((action) => [action.name, action]));
};
