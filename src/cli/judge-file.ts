import {
  accountScripts,
  explainAcceptance,
  explainRefusal,
  explainTransaction,
  findProven,
  listRoots,
  locateTransaction,
  openVerified,
  readBeef,
  scanBeef,
  verifyAncestry,
  type AncestryVerifiedBeef,
  type Explanation,
  type NetworkName,
  type ReadBeef,
  type Rejection,
  type TransactionExplanation,
  type VerdictStage,
} from '#atomic-core';
import { startsAsBeef } from '../submissions/decode-beef';
import { CommandError, exitCodes } from './exit-codes';

/** A chain of headers, of which the asked heights are known. */
export interface KnownChain {
  readonly network: NetworkName;
  readonly tip: { readonly height: number; readonly medianTimePast: number };
  readonly blocks: ReadonlyMap<number, { readonly hash: string; readonly merkleRoot: string }>;
  /** For people: where its headers are. */
  readonly place: string;
}

export type FindChain = (heights: ReadonlySet<number>) => Promise<KnownChain>;

/** Judges a file as the gateway would, in the same order: form, ancestry, roots, scripts. Asks for the chain once, and only for bytes that are a BEEF. */
export async function judgeFile(
  bytes: Uint8Array,
  findChain: FindChain,
): Promise<Explanation | TransactionExplanation> {
  if (!startsAsBeef(bytes)) return explainTransaction(bytes);
  const scanned = scanBeef(bytes);
  const read = scanned.ok ? readBeef(scanned.value) : scanned;
  if (!read.ok) return refuse(bytes, read.rejection, 'read');
  const chain = await findChain(new Set(listRoots(read.value).map(({ height }) => height)));
  const { network, tip } = chain;
  const ancestry = verifyAncestry(read.value, { tipHeight: tip.height, medianTimePast: tip.medianTimePast, network });
  if (!ancestry.ok) return refuse(bytes, ancestry.rejection, 'ancestry');
  const strange = findStrangeRoot(read.value, chain);
  if (strange !== undefined) return refuse(bytes, strange, 'roots');
  return judgeScripts(bytes, ancestry.value, chain);
}

function refuse(bytes: Uint8Array, rejection: Rejection, stage: VerdictStage): Explanation {
  return explainRefusal(rejection, { stage, place: locateTransaction(bytes, rejection.at?.txid) });
}

/** A root that the headers contradict; what they do not reach is no verdict at all. */
function findStrangeRoot(read: ReadBeef, { blocks, place }: KnownChain): Rejection | undefined {
  for (const question of listRoots(read)) {
    const { height, root } = question;
    const block = blocks.get(height);
    if (block === undefined) {
      throw new CommandError(exitCodes.unavailable, `The header at height ${String(height)} is not in ${place}.`);
    }
    if (block.merkleRoot === root) continue;
    const txid = findProven(read, question);
    return { code: 'proof-root-invalid', detail: `height ${String(height)}`, ...(txid && { at: { txid } }) };
  }
  return undefined;
}

/** Scripts run last and only for what the chain agrees with: they are what an attacker can make expensive. */
function judgeScripts(beef: Uint8Array, ancestry: AncestryVerifiedBeef, { blocks }: KnownChain): Explanation {
  const scripts = accountScripts(ancestry);
  if (!scripts.ok) return refuse(beef, scripts.rejection, 'scripts');
  const { verified, accounts } = scripts.value;
  const explanation = explainAcceptance(openVerified(verified), { beef, blocks, accounts, plan: null });
  // The roots were held against these very blocks.
  if (explanation === undefined) throw new Error('A proof was judged and then not found.');
  return explanation;
}
