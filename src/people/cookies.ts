import type { FastifyRequest } from 'fastify';

export type CookieName = 'session' | 'login';

/** More than a browser sends to one place; bounds the look through them. */
const COOKIES_MAX = 100;

/**
 * Over https a name with `__Host-`: a browser takes it from this very host alone, for all of it, and over https, so that no neighbour under the same domain
 * can put one in its place. Over http, in development, there is no such name.
 */
const nameOf = (name: CookieName, isSecure: boolean): string => `${isSecure ? '__Host-' : ''}portcullis-${name}`;

/** Undefined where there is none, or more than one: whichever of them is meant, somebody else may have put the other there. */
export const readCookie = (
  { headers }: Pick<FastifyRequest, 'headers'>,
  name: CookieName,
  isSecure: boolean,
): string | undefined => {
  const wanted = `${nameOf(name, isSecure)}=`;
  const found = (headers.cookie ?? '')
    .split(';', COOKIES_MAX)
    .map((part) => part.trim())
    .filter((part) => part.startsWith(wanted));
  const [only] = found;
  return found.length === 1 && only !== undefined ? only.slice(wanted.length) : undefined;
};

/** Lax: it comes along when somebody follows a link to us, as the provider's way back is one, and never with what another site sends or embeds. */
export const writeCookie = (
  name: CookieName,
  value: string,
  { isSecure, maxAgeSeconds }: { readonly isSecure: boolean; readonly maxAgeSeconds: number },
): string =>
  `${nameOf(name, isSecure)}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${String(maxAgeSeconds)}${isSecure ? '; Secure' : ''}`;

export const dropCookie = (name: CookieName, isSecure: boolean): string =>
  writeCookie(name, '', { isSecure, maxAgeSeconds: 0 });
