import { txidToWire } from '../bytes';
import { ByteWriter } from './byte-writer';
import type { Transaction, TransactionOutput } from './transaction';

const EF_MARKER = Uint8Array.of(0, 0, 0, 0, 0, 0xef);

/** Extended Format (BRC-30): the transaction with the value and locking script that each input spends. `parentOutputs` MUST stand in the order of the inputs. */
export const writeExtendedFormat = (
  transaction: Transaction,
  parentOutputs: readonly TransactionOutput[],
): Uint8Array => {
  if (parentOutputs.length !== transaction.inputs.length)
    throw new Error('Extended Format needs one parent output for each input');
  const writer = new ByteWriter()
    .writeUint32(transaction.version)
    .writeBytes(EF_MARKER)
    .writeVarint(transaction.inputs.length);
  for (const [index, input] of transaction.inputs.entries()) {
    const parentOutput = parentOutputs[index];
    if (!parentOutput) throw new Error(`Extended Format lacks the parent output of input ${index}`);
    writer
      .writeBytes(txidToWire(input.parentTxid))
      .writeUint32(input.parentVout)
      .writeScript(input.unlockingScript)
      .writeUint32(input.sequence);
    writer.writeUint64(parentOutput.satoshis).writeScript(parentOutput.lockingScript);
  }
  writer.writeVarint(transaction.outputs.length);
  for (const output of transaction.outputs) writer.writeUint64(output.satoshis).writeScript(output.lockingScript);
  return writer.writeUint32(transaction.lockTime).toBytes();
};
