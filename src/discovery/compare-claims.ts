import type { Claim, HeldToken } from './advertisement-tokens';

const printClaim = ({ protocol, hosted }: Claim): string => `${protocol} ${hosted}`;

/** What lacks a token, and which tokens say what is not so, or what another says already. */
export function compareClaims(
  wanted: readonly Claim[],
  held: readonly HeldToken[],
): { readonly missing: Claim[]; readonly unwanted: HeldToken[] } {
  const open = new Map(wanted.map((claim) => [printClaim(claim), claim]));
  const unwanted = held.filter((token) => !open.delete(printClaim(token)));
  return { missing: [...open.values()], unwanted };
}
