/** What is signed as JSON here: texts, whole numbers, true and false. */
export type CanonicalValue =
  string | number | boolean | readonly CanonicalValue[] | { readonly [name: string]: CanonicalValue | undefined };

/**
 * The one text of a value: RFC 8785 (JCS) of what it is restricted to here. No white space, members in the order of their UTF-16 units, absent members left
 * out, numbers whole and exact. For values of our own types: their depth is known.
 */
export function writeCanonicalJson(value: CanonicalValue): string {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new RangeError('Only whole numbers are signed.');
  if (typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(writeCanonicalJson).join(',')}]`;
  const members = Object.keys(value)
    .sort()
    .flatMap((name) => {
      const member = value[name];
      return member === undefined ? [] : [`${JSON.stringify(name)}:${writeCanonicalJson(member)}`];
    });
  return `{${members.join(',')}}`;
}

const isList = (value: object): value is readonly CanonicalValue[] => Array.isArray(value);
