import { networkParams } from '#atomic-core';
import type { NetworkName } from '#atomic-core';
import { findHeader, findHeaderTip, findLowestHeight, insertHeaders } from '#ledger';
import type { HeaderInsertion, HeaderTip, StoredHeader } from '#ledger';
import type { DataSource } from 'typeorm';
import type { ChainRoot } from './chain-root';

/** The header store as followers and importers see it. */
export class HeaderStore {
  constructor(
    private readonly database: DataSource,
    readonly network: NetworkName,
    readonly root: ChainRoot,
  ) {}

  findTip(): Promise<HeaderTip | undefined> {
    return findHeaderTip(this.database);
  }

  findHeader(hash: string): Promise<StoredHeader | undefined> {
    return findHeader(this.database, hash);
  }

  findLowestHeight(): Promise<number | undefined> {
    return findLowestHeight(this.database);
  }

  /** One database transaction: headers, best chain and re-opened proofs change together or not at all. */
  insert(headers: readonly Uint8Array[]): Promise<HeaderInsertion> {
    const batch = {
      params: networkParams[this.network],
      headers,
      nowSeconds: Math.floor(Date.now() / 1000),
      root: this.root,
    };
    return this.database.transaction((manager) => insertHeaders(manager, batch));
  }
}
