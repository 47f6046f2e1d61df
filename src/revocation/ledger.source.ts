import { makeOutpoint, type Txid } from '#atomic-core';
import { findSpender, type Database } from '#ledger';
import type { RevocationAnswer, RevocationQuestion, RevocationSource } from '#ports';

/** Our own ledger. It knows what passed through this gateway: a spender that it has is proof, and none is no answer. */
export class LedgerRevocationSource implements RevocationSource {
  readonly name = 'this ledger';

  constructor(private readonly database: Database) {}

  async findRevocation({ txid, vout }: RevocationQuestion): Promise<RevocationAnswer> {
    const spenderTxid = await findSpender(this.database, makeOutpoint(txid as Txid, vout));
    return spenderTxid === undefined
      ? { state: 'unknown', detail: 'no spender is known' }
      : { state: 'revoked', spenderTxid };
  }
}
