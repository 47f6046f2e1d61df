import { computeTxid, readTransaction, verifyBump, writeBranch, type Txid } from '#atomic-core';
import type { ChainTracker, FoundProof, FoundSpend, RevocationQuestion, SpendProofSource } from '#ports';

/** A transaction that spends the outpoint, with its path to a root of our best chain. Whoever keeps both can verify them again. */
export interface ProvenSpend {
  readonly spenderTxid: Txid;
  readonly raw: Uint8Array;
  readonly bump: Uint8Array;
  readonly height: number;
  /** Display order. */
  readonly root: string;
  /** Who brought it. Nothing rests on that. */
  readonly source: string;
}

/** What became of the proofs of one transaction that somebody names as the spender. */
export interface SpendFinding {
  readonly spenderTxid: string;
  readonly proven: ProvenSpend | undefined;
  /** Its own bytes do not spend the outpoint. */
  readonly isRefuted: boolean;
  /** Who brought what is evidently false: other bytes, or a path that does not lead to the root of the block that it names. */
  readonly liars: ReadonlySet<string>;
}

export interface SpendProofParts {
  readonly sources: readonly SpendProofSource[];
  readonly chain: Pick<ChainTracker, 'judgeRoots'>;
  /** On any branch; undefined where we have no such header. */
  readonly findBlock: (hash: string) => Promise<KnownBlock | undefined>;
}

interface KnownBlock {
  readonly height: number;
  /** Display order. */
  readonly merkleRoot: string;
}

interface NamedSpend {
  readonly question: RevocationQuestion;
  readonly spenderTxid: Txid;
}

type Brought =
  | { readonly kind: 'proven'; readonly spend: Omit<ProvenSpend, 'source'> }
  /** Nothing was shown, or nothing that our chain can judge yet: it stays a word. */
  | { readonly kind: 'silent' | 'refuted' | 'false' };

/** Asks all at once for transaction and proof, and believes none of them: the engine reads the one, our own headers judge the other. */
export const proveSpend = async (
  named: NamedSpend,
  parts: SpendProofParts,
  signal: AbortSignal,
): Promise<SpendFinding> => {
  const asked = parts.sources.map(async (source) => {
    const found = await source.findSpend(named.spenderTxid, signal);
    const brought: Brought = found === undefined ? { kind: 'silent' } : await judgeSpend(named, found, parts);
    return { source: source.name, brought };
  });
  const answers = await Promise.all(asked);
  const proofs = answers.flatMap(({ source, brought }) =>
    brought.kind === 'proven' ? [{ ...brought.spend, source }] : [],
  );
  return {
    spenderTxid: named.spenderTxid,
    proven: proofs[0],
    isRefuted: answers.some(({ brought }) => brought.kind === 'refuted'),
    liars: new Set(answers.filter(({ brought }) => brought.kind === 'false').map(({ source }) => source)),
  };
};

async function judgeSpend(
  { question, spenderTxid }: NamedSpend,
  { raw, proofs }: FoundSpend,
  parts: SpendProofParts,
): Promise<Brought> {
  if (computeTxid(raw) !== spenderTxid) return { kind: 'false' };
  const read = readTransaction(raw);
  // Consensus has room for more than we read: bytes with the right hash are no lie, whatever our limits make of them.
  if (!read.ok) return { kind: 'silent' };
  const { txid, vout } = question;
  if (!read.value.inputs.some(({ parentTxid, parentVout }) => parentTxid === txid && parentVout === vout))
    return { kind: 'refuted' };
  let isFalse = false;
  for (const proof of proofs) {
    const shown = await judgeProof(spenderTxid, proof, parts);
    if (typeof shown === 'object') return { kind: 'proven', spend: { spenderTxid, raw, ...shown } };
    isFalse ||= shown === 'false';
  }
  return { kind: isFalse ? 'false' : 'silent' };
}

async function judgeProof(
  spenderTxid: Txid,
  { blockHash, branch }: FoundProof,
  { chain, findBlock }: SpendProofParts,
): Promise<Pick<ProvenSpend, 'bump' | 'height' | 'root'> | 'silent' | 'false'> {
  const block = await findBlock(blockHash);
  if (block === undefined) return 'silent';
  const { height, merkleRoot } = block;
  const written = writeBranch(spenderTxid, height, branch);
  const bump = written.ok ? verifyBump(written.value, spenderTxid) : written;
  if (!bump.ok || bump.value.root !== merkleRoot) return 'false';
  // True of a block that is not, or not undisputed, on our best chain: it may be one day.
  const [verdict] = await chain.judgeRoots([{ height, root: merkleRoot }]);
  return verdict === 'OK' ? { bump: bump.value.bytes, height, root: merkleRoot } : 'silent';
}
