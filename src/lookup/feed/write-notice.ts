import type { Txid } from '#atomic-core';
import { findOffChainValues, findTransaction, type Database, type OutputLife } from '#ledger';
import type { LookupNotice, ServiceLookup } from '../../topics';
import { findAtomicBeef } from '../find-atomic-beef';

/** Nothing is wrong with the service: what it has to be told cannot be proven at the moment. */
export class NotProvableError extends Error {
  override readonly name = 'NotProvableError';
}

/** Makes what a service is told of what the ledger holds; only what the modes of the service want is read. */
export class NoticeWriter {
  constructor(
    private readonly database: Database,
    private readonly lookup: Pick<ServiceLookup, 'admissionMode' | 'spendNotificationMode'>,
  ) {}

  async writeAdmitted(life: OutputLife): Promise<LookupNotice> {
    const { topic, txid, vout: outputIndex, satoshis, lockingScript } = life;
    return {
      kind: 'admitted',
      topic,
      txid,
      outputIndex,
      satoshis,
      lockingScript,
      ...(this.lookup.admissionMode === 'whole-tx' && { atomicBeef: await this.findBeef(txid) }),
      ...(await this.findOffChain(life.transitionId)),
    };
  }

  async writeSpent({
    topic,
    txid,
    vout,
    spent,
  }: OutputLife & { spent: NonNullable<OutputLife['spent']> }): Promise<LookupNotice> {
    const spender = await findTransaction(this.database, spent.by);
    const inputIndex = spender?.inputs.findIndex(
      ({ parentTxid, parentVout }) => parentTxid === txid && parentVout === vout,
    );
    const input = inputIndex === undefined ? undefined : spender?.inputs[inputIndex];
    if (inputIndex === undefined || input === undefined)
      throw new Error(`${spent.by} does not spend ${txid}.${String(vout)}`);
    const mode = this.lookup.spendNotificationMode;
    return {
      kind: 'spent',
      topic,
      txid,
      outputIndex: vout,
      spendingTxid: spent.by,
      inputIndex,
      unlockingScript: input.unlockingScript,
      sequenceNumber: input.sequence,
      ...(mode === 'whole-tx' && { spendingAtomicBeef: await this.findBeef(spent.by) }),
      ...((mode === 'whole-tx' || mode === 'script') && (await this.findOffChain(spent.transitionId))),
    };
  }

  private async findBeef(txid: Txid): Promise<Buffer> {
    const beef = await findAtomicBeef(this.database, txid);
    if (!beef.ok) throw new NotProvableError(`${txid}: ${beef.rejection.detail}`);
    return beef.value;
  }

  private async findOffChain(transitionId: string): Promise<{ offChainValues?: Buffer }> {
    const offChainValues = await findOffChainValues(this.database, transitionId);
    return offChainValues === undefined ? {} : { offChainValues };
  }
}
