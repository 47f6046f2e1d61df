import { LockingScript, Spend, type Transaction, type TransactionInput } from '@bsv/sdk';
import type { ChainState, Coin } from './chain-state';

/** ARC's own refusals: an HTTP status from 460 up and what is wrong. */
export interface ArcRefusal {
  readonly status: number;
  readonly detail: string;
}

export interface JudgeOptions {
  readonly skipFees: boolean;
  readonly skipScripts: boolean;
}

const SATOSHIS_MAX = 21e14;
const TRANSACTION_BYTES_MAX = 10_000_000;
const TRANSACTION_BYTES_MIN = 61;
const COINBASE_MATURITY = 100;
export const FEE_SATOSHIS_PER_KILOBYTE = 1;

const refuse = (status: number, detail: string): ArcRefusal => ({ status, detail });

const checkShape = (transaction: Transaction, sizeBytes: number): ArcRefusal | undefined => {
  if (sizeBytes < TRANSACTION_BYTES_MIN) return refuse(463, `transaction of ${sizeBytes} bytes is too small`);
  if (sizeBytes > TRANSACTION_BYTES_MAX) return refuse(474, 'transaction size is greater than max transaction size');
  if (transaction.inputs.length === 0) return refuse(462, 'transaction has no inputs');
  if (transaction.outputs.length === 0) return refuse(464, 'transaction has no outputs');
  const names = transaction.inputs.map((input) => `${input.sourceTXID}.${input.sourceOutputIndex}`);
  if (new Set(names).size !== names.length) return refuse(462, 'transaction spends one outpoint twice');
  if (names.some((name) => name.startsWith('0'.repeat(64)))) return refuse(462, 'transaction is a coinbase');
  const bad = transaction.outputs.findIndex(({ satoshis }) => satoshis === undefined || satoshis > SATOSHIS_MAX);
  return bad < 0 ? undefined : refuse(464, `output ${bad} has an invalid value`);
};

const checkFinality = (transaction: Transaction, state: ChainState): ArcRefusal | undefined => {
  const { lockTime, inputs } = transaction;
  if (lockTime === 0 || inputs.every((input) => input.sequence === 0xffffffff)) return undefined;
  const reached = lockTime < 500_000_000 ? state.tip.height + 1 : state.listMedianTimes();
  return lockTime < reached ? undefined : refuse(476, 'transaction is not final');
};

const checkScript = (transaction: Transaction, index: number, coin: Coin): ArcRefusal | undefined => {
  const input = transaction.inputs[index] as TransactionInput;
  try {
    const spend = new Spend({
      sourceTXID: input.sourceTXID as string,
      sourceOutputIndex: input.sourceOutputIndex,
      sourceSatoshis: coin.satoshis,
      lockingScript: LockingScript.fromHex(coin.lockingScriptHex),
      transactionVersion: transaction.version,
      otherInputs: transaction.inputs.filter((_, other) => other !== index),
      outputs: transaction.outputs,
      unlockingScript: input.unlockingScript as NonNullable<TransactionInput['unlockingScript']>,
      inputSequence: input.sequence as number,
      inputIndex: index,
      lockTime: transaction.lockTime,
    });
    return spend.validate() ? undefined : refuse(461, `input ${index}: script evaluated to false`);
  } catch (cause) {
    // The SDK reports a failed script by throwing; what it says is the second opinion this network is for.
    return refuse(461, `input ${index}: ${(cause as Error).message.split('\n')[0]}`);
  }
};

const checkValue = (
  transaction: Transaction,
  coins: readonly Coin[],
  sizeBytes: number,
  skipFees: boolean,
): ArcRefusal | undefined => {
  const paidIn = coins.reduce((sum, coin) => sum + coin.satoshis, 0);
  const paidOut = transaction.outputs.reduce((sum, output) => sum + (output.satoshis ?? 0), 0);
  if (paidIn < paidOut) return refuse(462, 'total input satoshis are less than total output satoshis');
  const feeMin = Math.ceil((sizeBytes * FEE_SATOSHIS_PER_KILOBYTE) / 1000);
  if (skipFees || paidIn - paidOut >= feeMin) return undefined;
  return refuse(465, `transaction fee of ${paidIn - paidOut} sat is too low - minimum expected fee is ${feeMin} sat`);
};

/** What needs no coins: shape and finality. */
export const judgeShape = (transaction: Transaction, sizeBytes: number, state: ChainState): ArcRefusal | undefined =>
  checkShape(transaction, sizeBytes) ?? checkFinality(transaction, state);

/** Value, maturity and scripts against the coins really spent, with nothing but `@bsv/sdk`. */
export const judgeSpends = (
  transaction: Transaction,
  coins: readonly Coin[],
  height: number,
  options: JudgeOptions,
): ArcRefusal | undefined => {
  const young = coins.findIndex(
    ({ source }) => source.coinbase && height + 1 - (source.block?.height ?? height) < COINBASE_MATURITY,
  );
  if (young >= 0) return refuse(462, `input ${young} spends a coinbase before ${COINBASE_MATURITY} blocks`);
  const unfunded = checkValue(transaction, coins, transaction.toBinary().length, options.skipFees);
  if (unfunded || options.skipScripts) return unfunded;
  for (const [index, coin] of coins.entries()) {
    const refusal = checkScript(transaction, index, coin);
    if (refusal) return refusal;
  }
  return undefined;
};
