import { isIP } from 'node:net';

/**
 * - `public`: ordinary global unicast.
 * - `private`: loopback, RFC 1918, CGNAT and unique-local: reachable only where an operator named that very host and port.
 * - `forbidden`: everything else: link-local (cloud metadata), multicast, unspecified, documentation, and every form that carries another
 *   address inside itself (v4-mapped, NAT64, 6to4, Teredo). No setting opens these.
 */
export type AddressClass = 'public' | 'private' | 'forbidden';

type Row = readonly [prefix: string, bits: number, verdict: AddressClass];

/** IANA special-purpose registries. The first row that matches decides; an IPv4 address that matches none is public. */
const ipv4Rows: readonly Row[] = [
  ['0.0.0.0', 8, 'forbidden'],
  ['10.0.0.0', 8, 'private'],
  ['100.64.0.0', 10, 'private'],
  ['127.0.0.0', 8, 'private'],
  ['169.254.0.0', 16, 'forbidden'],
  ['172.16.0.0', 12, 'private'],
  ['192.0.0.0', 24, 'forbidden'],
  ['192.0.2.0', 24, 'forbidden'],
  ['192.88.99.0', 24, 'forbidden'],
  ['192.168.0.0', 16, 'private'],
  ['198.18.0.0', 15, 'forbidden'],
  ['198.51.100.0', 24, 'forbidden'],
  ['203.0.113.0', 24, 'forbidden'],
  ['224.0.0.0', 3, 'forbidden'],
];

/** An IPv6 address that matches none is forbidden: only 2000::/3 has ever been handed out as global unicast. */
const ipv6Rows: readonly Row[] = [
  ['::1', 128, 'private'],
  ['fc00::', 7, 'private'],
  ['2001::', 23, 'forbidden'], // Teredo, ORCHID and other protocol assignments
  ['2001:db8::', 32, 'forbidden'],
  ['2002::', 16, 'forbidden'], // 6to4 carries an IPv4 address
  ['3fff::', 20, 'forbidden'],
  ['2000::', 3, 'public'],
  // ::ffff:0:0/96 (mapped), ::/96, 64:ff9b::/96 and 64:ff9b:1::/48 (NAT64), fe80::/10, ff00::/8 fall through to forbidden.
];

const bytesOfIpv4 = (text: string): number[] => text.split('.').map(Number);

const bytesOfIpv6 = (text: string): number[] => {
  const plain = text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...quad: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = quad.slice(0, 4).map(Number);
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
  const [head = '', tail] = plain.split('::');
  const groupsOf = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const front = groupsOf(head);
  const back = groupsOf(tail ?? '');
  const missing = tail === undefined ? 0 : 8 - front.length - back.length;
  const groups = [...front, ...Array<string>(missing).fill('0'), ...back].map((group) => parseInt(group, 16));
  return groups.flatMap((group) => [group >> 8, group & 0xff]);
};

const isWithin = (address: readonly number[], prefix: readonly number[], bits: number): boolean => {
  for (let bit = 0; bit < bits; bit += 8) {
    const mask = 0xff & (0xff00 >> Math.min(8, bits - bit));
    if (((address[bit / 8] ?? 0) & mask) !== ((prefix[bit / 8] ?? 0) & mask)) return false;
  }
  return true;
};

const parse = (rows: readonly Row[], toBytes: (text: string) => number[]) =>
  rows.map(([prefix, bits, verdict]) => ({ prefix: toBytes(prefix), bits, verdict }));
const ipv4Table = parse(ipv4Rows, bytesOfIpv4);
const ipv6Table = parse(ipv6Rows, bytesOfIpv6);

/** `address` is the text of an IP address as a resolver gives it; anything else, and any scoped address (`%eth0`), is forbidden. */
export const classifyAddress = (address: string): AddressClass => {
  if (address.includes('%')) return 'forbidden';
  const version = isIP(address);
  if (version === 0) return 'forbidden';
  const bytes = version === 4 ? bytesOfIpv4(address) : bytesOfIpv6(address);
  const hit = (version === 4 ? ipv4Table : ipv6Table).find((row) => isWithin(bytes, row.prefix, row.bits));
  return hit?.verdict ?? (version === 4 ? 'public' : 'forbidden');
};
