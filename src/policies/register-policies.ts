import type { INestApplicationContext } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { unwrap } from '../ingress';
import { nameAction } from './engine/list-actions';
import type { PolicyAction, PolicyResource } from './engine/policy';
import { PolicyDecisions } from './policy-decisions.service';

declare module 'fastify' {
  interface FastifyRequest {
    /** SHA-256 of the policies that its route was judged by; for the log. */
    policyVersion: string | undefined;
  }
}

/** Everything that is only this gateway's: no policy needs to tell one gateway from another. */
export const THIS_GATEWAY: PolicyResource = { type: 'Gateway', id: 'this' };

export const resourceOf = ({ resource }: PolicyAction, parameters: unknown): PolicyResource => {
  if (resource === 'Gateway') return THIS_GATEWAY;
  const { topic } = parameters as { readonly topic?: unknown };
  if (typeof topic !== 'string') throw new Error('A route that is about a topic came without one.');
  return { type: 'Topic', id: topic };
};

/** By the route that was matched, never by the path that was sent: `/%76%31/identity` is the same action. */
const actionOf = (
  { routeOptions, method }: FastifyRequest,
  actions: ReadonlyMap<string, PolicyAction>,
): PolicyAction => {
  const action = actions.get(nameAction(method, routeOptions.url ?? ''));
  // It was registered after the policies were read, or by none of ours: nobody can have been given it.
  if (action === undefined) throw new Error('This route is no action that policies know.');
  return action;
};

/**
 * Puts the policies in front of every route, for whoever authenticated: before its guards, so that nobody pays for what is refused. Who comes without a name to
 * a route that lets anybody in has what the operator opened, which is no question of policy. MUST be registered after the identity hook.
 */
export const registerPolicies = (app: INestApplicationContext & { getHttpAdapter(): unknown }): void => {
  const decisions = app.get(PolicyDecisions);
  const fastify = (app.getHttpAdapter() as { getInstance(): FastifyInstance }).getInstance();
  fastify.decorateRequest('policyVersion', undefined);
  fastify.addHook('preHandler', async (request) => {
    if (request.caller === undefined || request.is404) return;
    const { engine } = decisions;
    request.policyVersion = engine.version;
    const action = actionOf(request, engine.actions);
    const policies = decisions.of(request);
    policies.routeWish = { action: action.name, resource: resourceOf(action, request.params) };
    policies.routeGrant = unwrap(await policies.decide(policies.routeWish));
  });
};
