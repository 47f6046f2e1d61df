import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type Result, accept, reject } from '#atomic-core';
import { type Liabilities, type TreasuryBalance, TREASURY_BASKET, readLiabilities, readTreasury } from '#ledger';
import type { Caller } from '../identity';
import { Plans } from '../plans';

export interface TreasuryReport extends TreasuryBalance {
  readonly organisation: string;
  readonly basket: string;
  readonly accounts: Liabilities;
}

/** What was paid, where it is, and what of it is still owed: for who runs this gateway. */
@Injectable()
export class Treasury {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(Plans) private readonly plans: Plans,
  ) {}

  /** Whose treasury it is; refused to everybody else. */
  admit(caller: Caller): Result<string> {
    return this.plans.isOperator(caller) ? accept(caller.organisation) : reject('treasury-forbidden');
  }

  async report(caller: Caller): Promise<Result<TreasuryReport>> {
    const admitted = this.admit(caller);
    if (!admitted.ok) return admitted;
    const organisation = admitted.value;
    const balance = await readTreasury(this.database, organisation);
    const accounts = await readLiabilities(this.database);
    return accept({ organisation, basket: TREASURY_BASKET, ...balance, accounts });
  }
}
