import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  readBasketName,
  readPlacement,
  readTags,
  rejections,
  type BasketPlacement,
  type Result,
  type VerifiedTransaction,
} from '#atomic-core';
import type { Caller } from '../identity';
import { unwrap } from '../ingress';
import type { PolicyGrant } from '../policies';
import { Transitions, type Submission } from '../submissions';
import { VerificationService } from '../verification';
import { BasketsService } from './baskets.service';
import { listPage } from './list-page';
import { WalletArgumentRefused, refuseArgument } from './wallet-argument';
import type { InternalizeArgs, ListOutputsArgs, RelinquishArgs } from './wallet-args';
import { writeOutput, type WrittenOutput } from './write-outputs';

export interface Internalization {
  readonly args: InternalizeArgs;
  readonly tx: Buffer;
  readonly requestDigest: Buffer;
  readonly grant: PolicyGrant | undefined;
}

export interface ListOutputsResult {
  readonly totalOutputs: number;
  /** As BRC-100 has it: a number for each octet. */
  readonly BEEF?: readonly number[];
  readonly outputs: readonly Omit<WrittenOutput, 'quantity' | 'reservedUntil'>[];
}

const LIMIT_DEFAULT = 10;
const ATOMIC_MAGIC = '01010101';

/** A basket host for the caller's organisation, in the shapes of BRC-100. It looks after outputs and holds no key. */
@Injectable()
export class WalletService {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(VerificationService) private readonly verification: VerificationService,
    @Inject(Transitions) private readonly transitions: Transitions,
    @Inject(BasketsService) private readonly baskets: BasketsService,
  ) {}

  async internalize(caller: Caller, { args, tx, requestDigest, grant }: Internalization): Promise<void> {
    if (tx.toString('hex', 0, 4) !== ATOMIC_MAGIC)
      refuseArgument('tx', 'not an Atomic BEEF (BRC-95)', 'beef-malformed');
    const baskets = readPlacements(args);
    const labels = named('labels', readTags(args.labels ?? []));
    const transaction = unwrap(await this.verification.verify(tx));
    refuseUnknownOutputs(transaction, baskets);
    const submission: Submission = { beef: tx, topics: [], baskets, labels, mode: 'current-tx' };
    // Each call by itself: what was internalized, relinquished and internalized again is kept again. What is there already stays as it is.
    const asked = { submission, requestKey: `wallet:${randomUUID()}`, requestDigest };
    unwrap(await this.transitions.apply({ caller, asked, transaction, managers: [], grant, keeps: 'any' }));
  }

  async listOutputs(organisation: string, args: ListOutputsArgs): Promise<ListOutputsResult> {
    const listing = {
      basket: named('basket', readBasketName(args.basket)),
      tags: named('tags', readTags(args.tags ?? [])),
      tagQueryMode: args.tagQueryMode ?? 'any',
      limit: args.limit ?? LIMIT_DEFAULT,
      offset: args.offset ?? 0,
      withTransactions: args.include === 'entire transactions',
    };
    const { total, outputs, beef } = unwrap(await listPage(this.database, organisation, listing));
    const members = {
      scripts: args.include === 'locking scripts',
      customInstructions: args.includeCustomInstructions === true,
      tags: args.includeTags === true,
      labels: args.includeLabels === true,
    };
    return {
      totalOutputs: total,
      ...(beef && { BEEF: [...beef] }),
      outputs: outputs.map((output) => {
        const { quantity: _quantity, reservedUntil: _until, ...written } = writeOutput(output, members);
        return written;
      }),
    };
  }

  async relinquish(caller: Caller, { basket, output }: RelinquishArgs): Promise<void> {
    named('basket', readBasketName(basket));
    named('output', await this.baskets.relinquish(caller, basket, output));
  }
}

/** The value, or the refusal with the argument that it is about; what is not the argument's fault is refused as it is. */
function named<T>(parameter: string, result: Result<T>): T {
  if (result.ok) return result.value;
  const { status } = rejections[result.rejection.code];
  if (status !== 400 && status !== 404 && status !== 422) return unwrap(result);
  throw new WalletArgumentRefused(parameter, result.rejection);
}

function readPlacements({ outputs }: InternalizeArgs): ReadonlyMap<number, BasketPlacement> {
  const placements = new Map<number, BasketPlacement>();
  for (const [place, { outputIndex, protocol, insertionRemittance }] of outputs.entries()) {
    const parameter = `outputs[${place}]`;
    // To accept a payment is to say that it is received; only who holds the key can say that (decision 0036).
    if (protocol === 'wallet payment')
      return refuseArgument(
        `${parameter}.protocol`,
        '`basket insertion`: this gateway keeps baskets and holds no keys',
      );
    if (insertionRemittance === undefined) return refuseArgument(`${parameter}.insertionRemittance`, 'not given');
    if (placements.has(outputIndex)) return refuseArgument(`${parameter}.outputIndex`, 'named twice');
    const { basket, customInstructions, tags } = insertionRemittance;
    const placement = {
      basket,
      ...(customInstructions !== undefined && { customInstructions }),
      ...(tags && { tags }),
    };
    named(`${parameter}.insertionRemittance`, readPlacement(placement));
    placements.set(outputIndex, placement);
  }
  return placements;
}

function refuseUnknownOutputs(
  { subject }: VerifiedTransaction,
  placements: ReadonlyMap<number, BasketPlacement>,
): void {
  for (const vout of placements.keys()) {
    if (subject.outputs[vout] === undefined)
      refuseArgument('outputs', `the transaction has no output ${vout}`, 'basket-output-unknown');
  }
}
