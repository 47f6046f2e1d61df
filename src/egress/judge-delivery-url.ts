import type { AllowedOrigin } from './egress-policy';

/** Who a caller may have something delivered to. */
export interface DeliveryRules {
  /** `host`, `host:port`, or `*` for every public host. Without a port, and with `*`, the one of https. */
  readonly hosts: readonly string[];
  /** `host:port` that may resolve to private addresses, and be spoken to without TLS. */
  readonly privateHosts: readonly string[];
}

export type DeliveryVerdict = { readonly origin: AllowedOrigin } | { readonly refusal: string };

const URL_CHARS_MAX = 2_048;
const PORTS: Readonly<Record<string, string>> = { 'https:': '443', 'http:': '80' };

/**
 * Judges an address that a caller, not an operator, has written: only a host that the operator named, over https. Unlike a configured URL, one that spells
 * a private address opens nothing by it: its `host:port` must stand among the hosts and among the private hosts, letter for letter.
 */
export const judgeDeliveryUrl = (text: string, { hosts, privateHosts }: DeliveryRules): DeliveryVerdict => {
  if (text.length > URL_CHARS_MAX) return { refusal: `the address is longer than ${URL_CHARS_MAX} characters` };
  if (!URL.canParse(text)) return { refusal: 'the address is no URL' };
  const url = new URL(text);
  const standardPort = PORTS[url.protocol];
  if (standardPort === undefined) return { refusal: 'the address must begin with https://' };
  if (url.username !== '' || url.password !== '') return { refusal: 'an address holds no credentials' };
  if (url.hash !== '') return { refusal: 'an address holds no fragment' };
  const place = `${url.hostname}:${url.port || standardPort}`;
  const isOrdinary = url.protocol === 'https:' && url.port === '';
  const isNamed = hosts.includes(place) || (isOrdinary && (hosts.includes(url.hostname) || hosts.includes('*')));
  if (!isNamed) return { refusal: 'this gateway delivers nothing to this host' };
  const privateAllowed = hosts.includes(place) && privateHosts.includes(place);
  if (url.protocol !== 'https:' && !privateAllowed) return { refusal: 'the address must begin with https://' };
  return { origin: { origin: url.origin, privateAllowed } };
};
