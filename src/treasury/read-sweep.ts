import { z } from 'zod';
import {
  type GatewayKeys,
  type NetworkName,
  type Result,
  accept,
  isIdentityKey,
  limits,
  readAddress,
  reject,
  sha256,
  writePublicKeyHashScript,
} from '#atomic-core';

/** What miners ask at most by now; more is a mistake of the operator's that nobody gives back. */
const FEE_RATE_MAX = 10_000;
const FEE_RATE = 100;
const OUTPUTS = 500;

export const sweepBody = z.strictObject({
  to: z.union([z.strictObject({ address: z.string().max(64) }), z.strictObject({ identityKey: z.string() })]),
  satoshis: z.int().min(1).max(21e14).optional(),
  outputsMax: z.int().min(1).max(limits.RESERVATION_OUTPUTS_MAX).default(OUTPUTS),
  satoshisPerKilobyte: z.int().min(1).max(FEE_RATE_MAX).default(FEE_RATE),
});
export type SweepBody = z.output<typeof sweepBody>;

/** Where a sweep goes: to whoever has the key of an address, or to a wallet, which is told how it finds its key (BRC-29). */
export type Destination =
  | { readonly address: string; readonly hash: Uint8Array }
  | { readonly identityKey: string; readonly derivationPrefix: string; readonly derivationSuffix: string };

/** The names of a derivation are no secret, and of the same request they are the same. */
const nameOf = (what: string, seed: string): string =>
  sha256(Buffer.from(`${what} ${seed}`))
    .subarray(0, 16)
    .toString('base64');

/** `seed`: of the request, and of no other. */
export function readDestination({ to }: SweepBody, network: NetworkName, seed: string): Result<Destination> {
  if ('address' in to) {
    const hash = readAddress(to.address, network);
    return hash === undefined
      ? reject('request-malformed', `to.address is no address of ${network}`)
      : accept({ address: to.address, hash });
  }
  const { identityKey } = to;
  if (!isIdentityKey(identityKey)) return reject('request-malformed', 'to.identityKey is no identity key');
  return accept({
    identityKey,
    derivationPrefix: nameOf('sweep prefix', seed),
    derivationSuffix: nameOf('sweep suffix', seed),
  });
}

export const lockTo = (destination: Destination, keys: GatewayKeys): Uint8Array => {
  if ('address' in destination) return writePublicKeyHashScript(destination.hash);
  const { identityKey, derivationPrefix, derivationSuffix } = destination;
  return writePublicKeyHashScript(keys.derivePayeeKeyHash(identityKey, derivationPrefix, derivationSuffix));
};
