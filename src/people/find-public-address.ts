import type { Config } from '../config';

/** Addresses to listen on, and not to go to. */
const EVERYWHERE = new Set(['0.0.0.0', '::']);

/** Where people reach a gateway that listens there: as it is configured, or at that address. Without a slash at its end. */
export const findPublicAddress = (
  { publicUrl, tlsCert }: Pick<Config, 'publicUrl' | 'tlsCert'>,
  { address, port }: { readonly address: string; readonly port: number },
): string => {
  if (publicUrl !== undefined) return publicUrl;
  const bound = EVERYWHERE.has(address) ? '127.0.0.1' : address;
  const host = bound.includes(':') ? `[${bound}]` : bound;
  return `${tlsCert === undefined ? 'http' : 'https'}://${host}:${String(port)}`;
};
