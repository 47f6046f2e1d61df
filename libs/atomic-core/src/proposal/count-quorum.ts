/** Of an approval that stands: who agreed, for whom. */
export interface StandingApproval {
  readonly identityKey: string;
  readonly organisation: string;
}

export interface QuorumTerms {
  readonly parties: readonly string[];
  readonly needed: number;
  /** Whose own approval is told apart from that of others. */
  readonly proposerKey: string;
}

export interface Quorum {
  /** Parties that agreed, each once however many of its members did. Sorted. */
  readonly organisations: readonly string[];
  /** Those of them for which somebody agreed who is not the proposer. */
  readonly others: readonly string[];
  readonly stands: boolean;
}

const listOnce = (names: readonly string[]): readonly string[] => [...new Set(names)].sort();

/** Organisations count, not identities: two members of one party are one voice. Who is no party has none. */
export const countQuorum = (
  { parties, needed, proposerKey }: QuorumTerms,
  approvals: readonly StandingApproval[],
): Quorum => {
  const heard = approvals.filter(({ organisation }) => parties.includes(organisation));
  const organisations = listOnce(heard.map(({ organisation }) => organisation));
  const others = heard.filter(({ identityKey }) => identityKey !== proposerKey);
  return {
    organisations,
    others: listOnce(others.map(({ organisation }) => organisation)),
    stands: organisations.length >= needed,
  };
};
