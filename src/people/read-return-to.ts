const RETURN_CHARS_MAX = 1_024;
const HERE = 'http://here.invalid';

/** A path of ours, or `/people`: whoever begins a login for somebody else must not choose where it ends. */
export const readReturnTo = (asked: unknown): string => {
  const fallback = '/people';
  if (typeof asked !== 'string' || asked.length > RETURN_CHARS_MAX) return fallback;
  // `//host`, `/\host` and what hides behind controls lead elsewhere, and printable ASCII is all that a path of ours is made of.
  if (!/^\/(?![/\\])[\x21-\x7e]*$/u.test(asked) || asked.includes('\\')) return fallback;
  const url = new URL(asked, HERE);
  if (url.origin !== HERE) return fallback;
  const path = `${url.pathname}${url.search}`;
  // `/./` and `/../` are gone by now, and what they left may begin with two slashes again.
  return path.startsWith('//') ? fallback : path;
};
