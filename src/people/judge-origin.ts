import type { FastifyRequest } from 'fastify';
import { type Result, accept, reject } from '#atomic-core';

/** Any value. A form cannot send it, and a script of another origin not without asking first, to which nobody here says yes. */
export const REQUEST_HEADER = 'portcullis-request';

const READS = new Set(['GET', 'HEAD']);
const OWN_SITES = new Set(['same-origin', 'none']);

const foreign = (detail: string): Result<undefined> => reject('person-origin-foreign', detail);

/** Somebody follows a link, or comes back from the provider: the other site sees nothing of the answer, and a frame would be another destination. */
const isNavigation = ({ headers }: Pick<FastifyRequest, 'headers'>): boolean =>
  headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';

export interface OriginRule {
  readonly isForm?: boolean;
  /** For whoever is no browser. */
  readonly isSilentAllowed?: boolean;
  /** It asks to become a WebSocket, which the page of any origin may open and read: nothing stops the answer on its way, and no header of a script can be sent. */
  readonly isSocket?: boolean;
}

/** What it says of where it comes from has to say ours. */
const judgeSaid = (
  { method, headers }: Pick<FastifyRequest, 'method' | 'headers'>,
  origin: string,
): Result<undefined> => {
  const { origin: from, 'sec-fetch-site': site } = headers;
  if (from !== undefined && from !== origin) return foreign('It was sent from a page of another origin.');
  if (site === undefined || OWN_SITES.has(site)) return accept(undefined);
  return READS.has(method) && isNavigation({ headers })
    ? accept(undefined)
    : foreign('It was sent from a page of another site.');
};

/**
 * Whether a request that a browser may have added a cookie or a client certificate to comes from our own pages. What says where it comes from has to say
 * ours. Something has to say it where the request changes anything (`isSilentAllowed`: not for whoever is no browser), and under `/v1`, where no form of ours
 * leads, the header of a script has to be there beside it.
 */
export const judgeOrigin = (
  request: Pick<FastifyRequest, 'method' | 'headers'>,
  origin: string,
  { isForm = false, isSilentAllowed = false, isSocket = false }: OriginRule = {},
): Result<undefined> => {
  const said = judgeSaid(request, origin);
  if (!said.ok || isSilentAllowed) return said;
  const { origin: from, 'sec-fetch-site': site, [REQUEST_HEADER]: header } = request.headers;
  if (isSocket && from === undefined) return foreign('Nothing says from which page it was opened.');
  if (READS.has(request.method)) return said;
  if (from === undefined && site !== 'same-origin') return foreign('Nothing says from which page it was sent.');
  if (!isForm && header === undefined) return foreign(`What changes something needs the header ${REQUEST_HEADER}.`);
  return said;
};
