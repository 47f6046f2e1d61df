import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  type Result,
  type SignedSpend,
  type SpendOrder,
  type Txid,
  accept,
  measureSpendFee,
  readTransaction,
  spendPayments,
} from '#atomic-core';
import { type Receipt, SWEEP_LABEL, findReplay } from '#ledger';
import { CONFIG, type Config } from '../config';
import type { Caller } from '../identity';
import { KeyRing } from '../keys';
import { Transitions } from '../submissions';
import { VerificationService } from '../verification';
import { type Destination, type SweepBody, lockTo, readDestination } from './read-sweep';
import { type HeldCoins, TreasuryCoins } from './treasury-coins.service';
import { loadGraph, writeWhole } from './whole-graph';

const NOTHING = new Uint8Array(0);

/** What is asked, and under which name. */
export interface SweepRequest {
  readonly body: SweepBody;
  readonly key: string | undefined;
  /** 32 bytes. */
  readonly requestDigest: Buffer;
}

export interface SweepAnswer {
  readonly id: string;
  readonly txid: string;
  readonly outputIndex: 0;
  readonly satoshis: number;
  readonly fee: number;
  /** Payments that were spent. */
  readonly outputs: number;
  readonly auditLeaf: number;
  readonly to:
    | { readonly address: string }
    | {
        readonly identityKey: string;
        readonly derivationPrefix: string;
        readonly derivationSuffix: string;
        /** Null: the key that paid has ended since. */
        readonly senderIdentityKey: string | null;
      };
  /** Atomic BEEF in base64, for `internalizeAction`. Null while a proof is missing that a reorganisation took. */
  readonly beef: string | null;
}

interface Sweep {
  readonly destination: Destination;
  readonly order: SpendOrder;
}

/** Spends what was paid, with the keys that it was paid to, by the submission path that everything else takes. */
@Injectable()
export class Sweeps {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(KeyRing) private readonly ring: KeyRing,
    @Inject(TreasuryCoins) private readonly treasury: TreasuryCoins,
    @Inject(VerificationService) private readonly verification: VerificationService,
    @Inject(Transitions) private readonly transitions: Transitions,
  ) {}

  /** For who was found to be an operator. Without a key each request is another sweep, of what is there by then. */
  async sweep(caller: Caller, { body, key, requestDigest }: SweepRequest): Promise<Result<SweepAnswer>> {
    const requestKey = key === undefined ? `sweep:${randomUUID()}` : `key:${key}`;
    const seed = `${caller.organisation} ${requestKey}`;
    const destination = readDestination(body, this.config.network, seed);
    if (!destination.ok) return destination;
    const lockingScript = lockTo(destination.value, this.ring.current);
    const order = { lockingScript, satoshisPerKilobyte: body.satoshisPerKilobyte };
    const sweep = { destination: destination.value, order };
    const replayed = await findReplay(this.database, caller.organisation, requestKey, requestDigest);
    if (!replayed.ok) return replayed;
    if (replayed.value !== undefined) return this.describe(replayed.value, sweep);
    const held = await this.treasury.hold(caller, body);
    if (!held.ok) return held;
    const applied = await this.apply(caller, { requestKey, requestDigest, held: held.value, order });
    // What it held and did not spend, because it was refused or another came first under this key, is free at once.
    await this.treasury.release(caller.organisation, held.value);
    return applied.ok ? this.describe(applied.value, sweep) : applied;
  }

  private async apply(
    caller: Caller,
    { requestKey, requestDigest, held, order }: Application,
  ): Promise<Result<Receipt>> {
    const spent = spendPayments(held.coins, order);
    if (!spent.ok) return spent;
    const beef = await this.writeBeef(spent.value, held);
    if (!beef.ok) return beef;
    const verified = await this.verification.verify(beef.value);
    if (!verified.ok) return verified;
    const labels = [SWEEP_LABEL];
    const { reservation } = held;
    const applied = await this.transitions.apply({
      caller,
      asked: {
        submission: { beef: NOTHING, topics: [], baskets: new Map(), labels, mode: 'current-tx', reservation },
        ...{ requestKey, requestDigest },
      },
      transaction: verified.value,
      managers: [],
    });
    return applied.ok ? accept(applied.value.receipt) : applied;
  }

  private async writeBeef({ txid, raw }: SignedSpend, { coins }: HeldCoins): Promise<Result<Uint8Array>> {
    const graph = await loadGraph(this.database, [...new Set(coins.map((coin) => coin.txid))]);
    const read = readTransaction(raw);
    // It was written a moment ago.
    if (!read.ok) throw new Error(`A sweep does not read: ${read.rejection.detail}`);
    graph.set(txid, { ...read.value, bump: undefined });
    return writeWhole(txid, graph);
  }

  /** From the transaction that was committed: the same request again is told the same. */
  private async describe(receipt: Receipt, { destination, order }: Sweep): Promise<Result<SweepAnswer>> {
    const txid = String(receipt['txid']) as Txid;
    const graph = await loadGraph(this.database, [txid]);
    const [subject, beef] = [graph.get(txid), writeWhole(txid, graph)];
    const [output] = subject?.outputs ?? [];
    if (subject === undefined || output === undefined) throw new Error('A sweep that was committed is not there.');
    return accept({
      ...{ id: String(receipt['id']), txid, outputIndex: 0, satoshis: output.satoshis, outputs: subject.inputs.length },
      fee: measureSpendFee(subject.inputs.length, order),
      auditLeaf: receipt.auditLeaf,
      to: this.describeDestination(destination, output.lockingScript),
      beef: beef.ok ? Buffer.from(beef.value).toString('base64') : null,
    });
  }

  private describeDestination(destination: Destination, script: Uint8Array): SweepAnswer['to'] {
    if ('address' in destination) return { address: destination.address };
    const sender = this.ring.list().find((keys) => Buffer.from(lockTo(destination, keys)).equals(script));
    return { ...destination, senderIdentityKey: sender?.identityKey ?? null };
  }
}

interface Application {
  readonly requestKey: string;
  readonly requestDigest: Buffer;
  readonly held: HeldCoins;
  readonly order: SpendOrder;
}
