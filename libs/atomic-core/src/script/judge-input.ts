import type { BeefGraph } from '../beef/beef-graph';
import type { CryptoBackend } from '../crypto/crypto-backend';
import { liveCrypto } from '../crypto/open-crypto';
import type { Result } from '../rejection';
import { usesOriginalDigest } from './hash-types';
import { interpretInput } from './interpret-input';
import { originalDigest } from './original-digest';
import { openScriptBudget } from './script-budget';
import { SCRIPT_RULES } from './script-rules';
import { SighashBatch, type SignedInput } from './sighash-batch';

/** One input by the interpreter alone, under an account of its own, by one rule set: what the fast paths and the node are held against. */
export const judgeInput = (
  graph: BeefGraph,
  input: number,
  { rules = SCRIPT_RULES, crypto = liveCrypto() }: { rules?: readonly string[]; crypto?: CryptoBackend } = {},
): Result<true> => {
  const set = [{ era: 0, flags: rules, because: '' }];
  const budget = openScriptBudget();
  return interpretInput(
    { graph, crypto, rulesFor: () => set, sighash: new SighashBatch(graph.tape, crypto), budget },
    input,
  );
};

/** The digest that a signature of this hash type (all 32 bits of it) signs: by the fork's algorithm or by the original one, which `original` forces. */
export const sighash = (
  { tape }: Pick<BeefGraph, 'tape'>,
  signed: SignedInput,
  order: { hashType: number; scriptCode: Uint8Array; original?: boolean },
  crypto: CryptoBackend = liveCrypto(),
): Uint8Array => {
  if (order.original ?? usesOriginalDigest(order.hashType))
    return Uint8Array.from(originalDigest(tape, { ...signed, ...order }));
  const batch = new SighashBatch(tape, crypto);
  batch.order(signed, order.hashType);
  batch.compute(order.scriptCode);
  return batch.digests.slice(0, 32);
};
