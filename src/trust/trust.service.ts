import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { accept, isEndorsed, reject, type Result } from '#atomic-core';
import {
  approveTrust,
  findTrustChange,
  listTrustChanges,
  listTrustPins,
  listTrustRules,
  proposeTrust,
  withdrawTrust,
  type TrustChange,
  type TrustChangePage,
  type TrustContent,
  type TrustPin,
  type TrustRule,
  type TrustTerms,
} from '#ledger';
import { CONFIG, type Config } from '../config';
import type { Caller } from '../identity';
import { KeyRing } from '../keys';
import type { AskedChange } from './read-trust';

export interface TrustView {
  readonly rules: readonly TrustRule[];
  readonly pins: readonly TrustPin[];
  readonly approvalsNeeded: number;
}

const actorOf = ({ organisation, identityKey, requestId }: Caller) => ({ organisation, identityKey, requestId });

/** What an organisation trusts, and how that changes. Which of its members may do which, the policies of the routes say. */
@Injectable()
export class TrustService {
  constructor(
    @Inject(CONFIG)
    private readonly config: Pick<Config, 'certificates' | 'oidcIssuer' | 'organisations' | 'trustApprovals'>,
    @Inject(KeyRing) private readonly ring: KeyRing,
    @Inject(DataSource) private readonly database: DataSource,
  ) {}

  /** Who is an organisation of its own would vouch for itself. */
  refuseGuest({ organisation }: Caller): Result<undefined> {
    return Object.hasOwn(this.config.organisations, organisation) ? accept(undefined) : reject('trust-registry-absent');
  }

  async look(caller: Caller, at: Date | undefined): Promise<Result<TrustView>> {
    const kept = this.refuseGuest(caller);
    if (!kept.ok) return kept;
    const [rules, pins] = await Promise.all([
      listTrustRules(this.database, caller.organisation, at),
      listTrustPins(this.database, caller.organisation, at),
    ]);
    return accept({ rules, pins, approvalsNeeded: this.termsOf(caller).needed });
  }

  async list(caller: Caller, page: TrustChangePage): Promise<Result<readonly TrustChange[]>> {
    const kept = this.refuseGuest(caller);
    return kept.ok ? accept(await listTrustChanges(this.database, caller.organisation, page)) : kept;
  }

  async find(caller: Caller, id: string): Promise<Result<TrustChange>> {
    const kept = this.refuseGuest(caller);
    if (!kept.ok) return kept;
    const change = await findTrustChange(this.database, caller.organisation, id);
    return change === undefined ? reject('trust-change-unknown') : accept(change);
  }

  async propose(caller: Caller, { content, effectiveAt }: AskedChange): Promise<Result<TrustChange>> {
    const kept = this.refuseGuest(caller);
    if (!kept.ok) return kept;
    const sound = this.judgeContent(caller, content);
    if (!sound.ok) return sound;
    const proposal = { actor: actorOf(caller), id: randomUUID(), content, effectiveAt, ...this.termsOf(caller) };
    return proposeTrust(this.database, proposal);
  }

  async approve(caller: Caller, id: string): Promise<Result<TrustChange>> {
    const kept = this.refuseGuest(caller);
    return kept.ok ? approveTrust(this.database, actorOf(caller), { id, ...this.termsOf(caller) }) : kept;
  }

  async withdraw(caller: Caller, id: string): Promise<Result<TrustChange>> {
    const kept = this.refuseGuest(caller);
    return kept.ok ? withdrawTrust(this.database, actorOf(caller), id) : kept;
  }

  /** An endorsement that says something else would be found out at every other gateway. */
  private judgeContent({ organisation }: Caller, content: TrustContent): Result<undefined> {
    if (content.kind === 'add' && content.endorsement !== undefined) {
      const { certifier, type, endorsement } = content;
      const gateway = this.ring.identityKey;
      if (!isEndorsed({ certifier, type, endorsement, gateway, organisation }))
        return reject('trust-certifier-foreign');
    }
    if (content.kind === 'pin' && this.ring.isOwn(content.gateway) && content.organisation === organisation)
      return reject('trust-rule-conflict', 'An organisation trusts itself without a pin.');
    return accept(undefined);
  }

  private termsOf({ organisation }: Caller): TrustTerms {
    const { trustApprovals, certificates, oidcIssuer: issuer, organisations } = this.config;
    const needed =
      typeof trustApprovals === 'number'
        ? trustApprovals
        : Object.hasOwn(trustApprovals, organisation)
          ? trustApprovals[organisation]
          : 1;
    const members = (organisations[organisation] ?? []).map(({ identityKey }) => identityKey);
    return { needed: needed ?? 1, members, issuer, configured: certificates };
  }
}
