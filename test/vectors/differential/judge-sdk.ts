import { Spend, Transaction, Utils } from '@bsv/sdk';
import type { Root } from '../../hostile/corpus/draft';
import { TIP_HEIGHT } from '../../hostile/corpus/shapes';

/** B1: past the end the SDK reads nothing for ever. It may do so this often, which is more than any truncation needs; then it is a bomb. */
const READS_PAST_END_MAX = 5_000;
class CountBomb extends Error {}

let readsPastEnd = 0;
// eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own `this` below
const readUInt8 = Utils.Reader.prototype.readUInt8;

/** Without this guard one case in a hundred would end the process. It changes no verdict short of the bomb. */
export const guardSdk = (): void => {
  Utils.Reader.prototype.readUInt8 = function (this: InstanceType<typeof Utils.Reader>): number {
    if (this.pos >= this.bin.length && ++readsPastEnd > READS_PAST_END_MAX)
      throw new CountBomb('the SDK reads past the end');
    return readUInt8.call(this);
  };
};

export type SdkVerdict =
  | { readonly kind: 'accepted'; readonly transaction: Transaction }
  | { readonly kind: 'refused'; readonly why: string; readonly transaction: Transaction | undefined }
  | { readonly kind: 'bomb' };

const trackerOf = (roots: readonly Root[], tipHeight: number) => ({
  isValidRootForHeight: async (root: string, height: number) =>
    Promise.resolve(roots.some((known) => known.height === height && known.root === root)),
  currentHeight: async () => Promise.resolve(tipHeight),
});

/** What a program that follows the SDK's own documentation would answer: `fromBEEF`, then `verify`. */
export const judgeBySdk = async (
  bytes: Uint8Array,
  roots: readonly Root[],
  tipHeight = TIP_HEIGHT,
): Promise<SdkVerdict> => {
  readsPastEnd = 0;
  let transaction: Transaction | undefined;
  try {
    transaction = Transaction.fromBEEF([...bytes]);
    const valid = await transaction.verify(trackerOf(roots, tipHeight));
    return valid ? { kind: 'accepted', transaction } : { kind: 'refused', why: 'false', transaction };
  } catch (error) {
    if (error instanceof CountBomb) return { kind: 'bomb' };
    return { kind: 'refused', why: error instanceof Error ? error.message.slice(0, 120) : 'thrown', transaction };
  }
};

/** B13, the policy of decision 19, said once more here: what is compared must not come from what is judged. */
const POLICY = [
  ...['GENESIS', 'UTXO_AFTER_GENESIS', 'UTXO_AFTER_CHRONICLE', 'SIGHASH_FORKID', 'STRICTENC', 'DERSIG'],
  ...['LOW_S', 'NULLDUMMY', 'NULLFAIL', 'SIGPUSHONLY', 'CLEANSTACK', 'MINIMALDATA', 'DISCOURAGE_UPGRADABLE_NOPS'],
];

/** The Original digest and the opcodes of Chronicle switched off. */
export const POLICY_BEFORE_CHRONICLE = POLICY.filter((flag) => flag !== 'UTXO_AFTER_CHRONICLE');

const passesPolicy = (transaction: Transaction, index: number, flags: string[]): boolean => {
  const input = transaction.inputs[index];
  const parentOutput = input?.sourceTransaction?.outputs[input.sourceOutputIndex];
  if (!input?.unlockingScript || !parentOutput) return false;
  try {
    return new Spend({
      sourceTXID: input.sourceTransaction?.id('hex') ?? '',
      sourceOutputIndex: input.sourceOutputIndex,
      lockingScript: parentOutput.lockingScript,
      sourceSatoshis: parentOutput.satoshis ?? 0,
      transactionVersion: transaction.version,
      otherInputs: transaction.inputs.filter((_, other) => other !== index),
      unlockingScript: input.unlockingScript,
      inputSequence: input.sequence ?? 0xffffffff,
      inputIndex: index,
      outputs: transaction.outputs,
      lockTime: transaction.lockTime,
      verifyFlags: flags,
    }).validate();
  } catch {
    return false;
  }
};

/** Do all unproven inputs pass the SDK's own interpreter under the policy? No fast path, no budget, no account. */
export const passesInterpreter = (subject: Transaction, flags = POLICY): boolean => {
  const seen = new Set<string>();
  const waiting = [subject];
  for (let current = waiting.pop(); current; current = waiting.pop()) {
    const txid = current.id('hex');
    if (current.merklePath || seen.has(txid)) continue;
    seen.add(txid);
    for (const [index, { sourceTransaction }] of current.inputs.entries()) {
      if (!passesPolicy(current, index, flags)) return false;
      if (sourceTransaction) waiting.push(sourceTransaction);
    }
  }
  return true;
};
