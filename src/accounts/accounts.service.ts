import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type Result, accept, reject } from '#atomic-core';
import { type AccountEntry, type AccountStanding, listEntries, readAccount } from '#ledger';
import { type Caller, OrganisationDirectory } from '../identity';
import { Plans } from '../plans';

export interface AccountView extends Pick<AccountStanding, 'balance' | 'debt'> {
  readonly organisation: string;
  /** Label of the plan that its members pay by now; null: the price list. */
  readonly plan: string | null;
  readonly creditLimit: number;
}

export interface EntriesPage {
  /** Number of an entry: those before it. */
  readonly before: number;
  readonly limit: number;
}

/** What an organisation has paid ahead, has drawn and owes: shown to its members, and to who runs this gateway. */
@Injectable()
export class Accounts {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(OrganisationDirectory) private readonly organisations: OrganisationDirectory,
    @Inject(Plans) private readonly plans: Plans,
  ) {}

  /** `holder`: an organisation, or an identity, which has the account of its organisation. */
  async look(caller: Caller, holder: string): Promise<Result<AccountView>> {
    const found = this.findHolder(caller, holder);
    if (!found.ok) return found;
    const organisation = found.value;
    const { balance, debt } = await readAccount(this.database, organisation);
    const plan = this.plans.find({ organisation, identityKey: holder });
    return accept({ organisation, balance, debt, plan: plan?.label ?? null, creditLimit: plan?.creditLimit ?? 0 });
  }

  async list(caller: Caller, holder: string, { before, limit }: EntriesPage): Promise<Result<readonly AccountEntry[]>> {
    const found = this.findHolder(caller, holder);
    return found.ok ? accept(await listEntries(this.database, found.value, before, limit)) : found;
  }

  /** That of another is not found, whether or not it is there. */
  private findHolder(caller: Caller, holder: string): Result<string> {
    const organisation = this.organisations.organisationOf(holder);
    const isOwn = organisation === caller.organisation;
    return isOwn || this.plans.isOperator(caller) ? accept(organisation) : reject('account-not-found');
  }
}
