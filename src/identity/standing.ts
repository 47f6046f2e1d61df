import type { FastifyRequest } from 'fastify';

/** Whether what a caller without a key came with is still good. Asking uses nothing up and keeps nothing alive. */
type Standing = () => Promise<boolean>;

const standings = new WeakMap<FastifyRequest, Standing>();

export const keepStanding = (request: FastifyRequest, standing: Standing): void =>
  void standings.set(request, standing);

/** For whatever outlasts its request. Undefined for the holder of a key, whose session says it. */
export const standingOf = (request: FastifyRequest): Standing | undefined => standings.get(request);
