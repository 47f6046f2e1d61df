import { sha256, writeCanonicalJson, type BasketPlacement, type SubmissionMode } from '#atomic-core';
import type { Proposal, ProposedContent } from '#ledger';
import type { Submission } from '../submissions';

/** What a proposal keeps of its submission beside the octets, as JSON. */
interface StoredContent {
  readonly baskets: readonly (BasketPlacement & { readonly vout: number })[];
  readonly labels: readonly string[];
  readonly mode: SubmissionMode;
}

type Kept = Pick<Submission, 'baskets' | 'labels' | 'mode'>;

export const storeContent = ({ baskets, labels, mode }: Kept): StoredContent => ({
  baskets: [...baskets].sort(([a], [b]) => a - b).map(([vout, placement]) => ({ vout, ...placement })),
  ...{ labels: [...labels], mode },
});

const hashStored = ({ baskets, labels, mode }: StoredContent, offChainValues: Uint8Array | undefined): string => {
  const values = offChainValues && sha256(offChainValues).toString('hex');
  const listed = baskets.map(({ vout, basket, tags, customInstructions, quantity }) => ({
    ...{ vout, basket, tags, customInstructions, quantity },
  }));
  const text = writeCanonicalJson({ baskets: listed, labels, mode, offChainValues: values });
  return sha256(Buffer.from(text, 'utf8')).toString('hex');
};

/** Hex: what is signed of all that approvers are not shown. */
export const hashContent = (submission: Submission): string =>
  hashStored(storeContent(submission), submission.offChainValues);

/** What is submitted when the quorum stands. It is what was signed, or a fault. */
export const openContent = ({ terms }: Proposal, { beef, content, offChainValues }: ProposedContent): Submission => {
  const stored = content as StoredContent;
  if (hashStored(stored, offChainValues) !== terms.content)
    throw new Error('What a proposal keeps is not what was agreed to.');
  return {
    ...{ beef, topics: terms.topics, labels: stored.labels, mode: stored.mode },
    baskets: new Map(stored.baskets.map(({ vout, ...placement }) => [vout, placement])),
    ...(offChainValues && { offChainValues }),
  };
};
