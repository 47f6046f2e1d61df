import type { OpenApiDocument } from '../../src/openapi';
import { jsonHeaders, type Estate, type Kind } from './tenants-estate';
import { listPlaces } from './tenants-places';
import { writeRequests, type Request } from './tenants-requests';
import type { Try } from './tenants-strangers';

export interface Probe extends Try {
  /** Method and path, as the document has them. */
  readonly operation: string;
  /** Places that were filled in with what is theirs. */
  readonly filled: readonly string[];
}

/** Without anything of anybody's, and it would end the session that tries. */
const LEFT_OUT = new Set(['POST /people/logout']);

const printBody = (body: unknown): string | Buffer | undefined =>
  body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);

/** Every way to fill in the path with what is theirs. */
const fillPath = (path: string, places: ReadonlyMap<string, readonly Kind[]>, { owned }: Estate): string[] => {
  let paths = [path];
  for (const [, name = ''] of path.matchAll(/\{(\w+)\}/gu)) {
    const kinds = places.get(`path ${name}`);
    const values = kinds === undefined ? ['tm_documents'] : kinds.flatMap((kind) => owned[kind]);
    paths = paths.flatMap((one) => values.map((value) => one.replace(`{${name}}`, encodeURIComponent(value))));
  }
  return paths;
};

/** Whether what stands in this place of the request is theirs. */
const isFilled = (place: string, values: readonly string[], { query, headers, body }: Request): boolean => {
  const [where, name = ''] = place.split(' ');
  if (where === 'path') return true;
  if (where === 'query') return values.includes(query?.[name] ?? '');
  if (where === 'header') return values.includes(headers?.[name] ?? '');
  const text = String(printBody(body) ?? '');
  return values.some((value) =>
    new RegExp(`"${name}":\\[?${JSON.stringify(value).replaceAll(/[.*+?^$()|[\]\\]/gu, '\\$&')}`, 'u').test(text),
  );
};

/** All that is tried, of all routes of the document. */
export const listProbes = ({ paths }: OpenApiDocument, estate: Estate): readonly Probe[] => {
  const requests = writeRequests(estate);
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([name, described]) => ({ path, method: name.toUpperCase(), described })),
  );
  return all.flatMap(({ path, method, described }) => {
    const operation = `${method} ${path}`;
    if (LEFT_OUT.has(operation)) return [];
    const places = listPlaces(operation, path, described);
    const given = requests[operation] ?? (['GET', 'DELETE'].includes(method) ? [{}] : undefined);
    if (given === undefined) throw new Error(`Nobody has said what ${operation} is tried with.`);
    for (const [place, kinds] of places) {
      const values = kinds.flatMap((kind) => estate.owned[kind]);
      if (!given.some((request) => isFilled(place, values, request)))
        throw new Error(`Of ${operation}, ${place} is tried with nothing of theirs.`);
    }
    return fillPath(path, places, estate).flatMap((filled) =>
      given.map(({ query = {}, headers = {}, body }): Probe => {
        const asked = new URLSearchParams(query).toString();
        const isJson = typeof body === 'object' && !Buffer.isBuffer(body);
        const printed = printBody(body);
        return {
          ...{ operation, method, url: asked === '' ? filled : `${filled}?${asked}` },
          headers: { ...(isJson && body !== null && jsonHeaders), ...headers },
          ...(printed !== undefined && { body: printed }),
          filled: [...places.keys()],
        };
      }),
    );
  });
};
