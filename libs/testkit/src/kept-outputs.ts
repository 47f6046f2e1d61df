import {
  Beef,
  type CreateActionOutput,
  type ListOutputsArgs,
  type ListOutputsResult,
  type Transaction,
} from '@bsv/sdk';

interface KeptOutput {
  readonly transaction: Transaction;
  readonly satoshis: number;
  readonly basket: string;
  readonly tags: readonly string[];
}

/** The outputs of a wallet that it was told to keep in a basket (BRC-46), until they are spent. */
export class KeptOutputs {
  private readonly kept = new Map<string, KeptOutput>();

  /** `outputs`: as they were asked for; the wallet keeps their order. */
  learn(transaction: Transaction, outputs: readonly CreateActionOutput[]): void {
    for (const { sourceTXID, sourceTransaction, sourceOutputIndex } of transaction.inputs)
      this.kept.delete(`${sourceTXID ?? sourceTransaction?.id('hex') ?? ''}.${sourceOutputIndex}`);
    for (const [vout, { basket, tags = [], satoshis }] of outputs.entries()) {
      if (basket !== undefined)
        this.kept.set(`${transaction.id('hex')}.${vout}`, { transaction, satoshis, basket, tags });
    }
  }

  list({ basket, tags = [], include, limit = 10 }: ListOutputsArgs): ListOutputsResult {
    const found = [...this.kept]
      .filter(([, one]) => one.basket === basket && tags.every((tag) => one.tags.includes(tag)))
      .slice(0, limit);
    const beef = new Beef();
    for (const [, { transaction }] of found) beef.mergeTransaction(transaction);
    return {
      totalOutputs: found.length,
      ...(include === 'entire transactions' && { BEEF: beef.toBinary() }),
      outputs: found.map(([outpoint, { satoshis }]) => ({ satoshis, spendable: true, outpoint })),
    };
  }
}
