import type { Transaction } from './transaction';

const NULL_TXID = '0'.repeat(64);

/** A transaction that makes new coins: its one input spends nothing. */
export const isCoinbase = ({ inputs }: Transaction): boolean =>
  inputs.length === 1 && inputs[0]?.parentTxid === NULL_TXID && inputs[0].parentVout === 0xffffffff;
