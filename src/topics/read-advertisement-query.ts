import { isIdentityKey } from '#atomic-core';
import { writeLookupKey } from './read-advertisement';

/** Topics of one question; a client asks for those of one broadcast. */
const NAMES_MAX = 64;

const isText = (value: unknown): value is string | undefined => value === undefined || typeof value === 'string';
const isCount = (value: unknown): boolean => value === undefined || (Number.isSafeInteger(value) && Number(value) >= 0);
const isOrder = (value: unknown): boolean => value === undefined || value === 'asc' || value === 'desc';

type Fields = Readonly<Record<string, unknown>>;

/**
 * The queries of `ls_ship` and `ls_slap` as `overlay-discovery-services` takes them: `"findAll"`, `{ findAll: true }`, or any of `domain`, `identityKey`
 * and the names that `readNames` finds. Undefined where it is malformed. Members that nobody knows are passed over, as they are there.
 */
export function readAdvertisementQuery(
  query: unknown,
  readNames: (fields: Fields) => readonly string[] | 'any' | undefined,
): readonly string[] | undefined {
  if (query === 'findAll') return [writeLookupKey({})];
  if (typeof query !== 'object' || query === null || Array.isArray(query)) return undefined;
  const fields = query as Fields;
  if (!isCount(fields['limit']) || !isCount(fields['skip']) || !isOrder(fields['sortOrder'])) return undefined;
  return fields['findAll'] === true ? [writeLookupKey({})] : listKeys(fields, readNames(fields));
}

function listKeys(
  { domain, identityKey }: Fields,
  names: readonly string[] | 'any' | undefined,
): readonly string[] | undefined {
  if (!isText(domain) || !isText(identityKey) || names === undefined || names.length > NAMES_MAX) return undefined;
  // Whoever is no identity has advertised nothing.
  if (identityKey !== undefined && !isIdentityKey(identityKey)) return [];
  const who = { ...(identityKey !== undefined && { identityKey }), ...(domain !== undefined && { domain }) };
  return names === 'any' ? [writeLookupKey(who)] : names.map((hosted) => writeLookupKey({ hosted, ...who }));
}
