import type { FastifyRequest } from 'fastify';

type Act = (status: number) => Promise<void>;

const acts = new WeakMap<FastifyRequest, Act[]>();

/** Done when the status of the answer is known and before it leaves: whoever reads it and comes again finds it done. Never done for a request whose process dies. */
export const beforeAnswer = (request: FastifyRequest, act: Act): void => {
  const known = acts.get(request);
  if (known === undefined) acts.set(request, [act]);
  else known.push(act);
};

/** For the door, once for each answer. What fails here must not take the answer with it. */
export const actBeforeAnswer = async (request: FastifyRequest, status: number): Promise<void> => {
  const known = acts.get(request) ?? [];
  acts.delete(request);
  await Promise.allSettled(known.map((act) => act(status)));
};
