import { isIP } from 'node:net';
import { classifyAddress } from './classify-address';

/** One origin that an operator configured. `privateAllowed` opens loopback and private addresses for this host and port alone. */
export interface AllowedOrigin {
  /** As `new URL(…).origin` prints it. */
  readonly origin: string;
  readonly privateAllowed: boolean;
}

export interface EgressPolicy {
  readonly origins: readonly AllowedOrigin[];
}

/** The request never left this process: its target is not one an operator configured, or resolves to an address it may not use. */
export class EgressRefusedError extends Error {
  override readonly name = 'EgressRefusedError';
}

const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');

/** `localhost` or a literal private address: whoever wrote that into the configuration meant a private target. */
const namesPrivateTarget = (url: URL): boolean =>
  url.hostname === 'localhost' || classifyAddress(hostOf(url)) === 'private';

/**
 * Builds the allowlist from the URLs in the configuration, and nothing else. A host *name* that resolves to a private address needs its
 * `host:port` in `privateHosts` as well, so that a hijacked public name cannot point the gateway inside.
 */
export const buildEgressPolicy = (urls: readonly string[], privateHosts: readonly string[] = []): EgressPolicy => ({
  origins: urls.map((text) => {
    const url = new URL(text);
    const port = url.port || (url.protocol === 'https:' ? '443' : '80');
    return {
      origin: url.origin,
      privateAllowed: namesPrivateTarget(url) || privateHosts.includes(`${url.hostname}:${port}`),
    };
  }),
});

export interface EgressTarget {
  readonly url: URL;
  readonly host: string;
  /** Set when the host is a literal address, which Node connects to without asking any resolver. */
  readonly literal: string | undefined;
  readonly privateAllowed: boolean;
}

/** Finds the allowed origin of a URL. Exact comparison after WHATWG parsing, so that every spelling of a host meets the same check. */
export const judgeUrl = (text: string, policy: EgressPolicy): EgressTarget => {
  if (!URL.canParse(text)) throw new EgressRefusedError('the URL cannot be parsed');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new EgressRefusedError(`scheme ${url.protocol} is not allowed`);
  if (url.username !== '' || url.password !== '') throw new EgressRefusedError('credentials in a URL are not allowed');
  const allowed = policy.origins.find(({ origin }) => origin === url.origin);
  if (allowed === undefined) throw new EgressRefusedError(`origin ${url.origin} is not configured`);
  const host = hostOf(url);
  return { url, host, literal: isIP(host) === 0 ? undefined : host, privateAllowed: allowed.privateAllowed };
};

/** Every address of a name must be usable: one bad address among good ones is how a rebinding answer looks. */
export const judgeAddresses = (target: EgressTarget, addresses: readonly string[]): void => {
  if (addresses.length === 0) throw new EgressRefusedError(`${target.host} has no address`);
  for (const address of addresses) {
    const verdict = classifyAddress(address);
    const usable =
      verdict === 'public' ? target.url.protocol === 'https:' : verdict === 'private' && target.privateAllowed;
    if (!usable)
      throw new EgressRefusedError(
        `${target.host} resolves to ${address}, which may not be reached over ${target.url.protocol}`,
      );
  }
};
