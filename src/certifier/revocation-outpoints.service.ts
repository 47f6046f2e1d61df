import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  accept,
  makeOutpoint,
  printOutpoint,
  reject,
  rejections,
  sha256,
  writeBeef,
  type Outpoint,
  type Result,
  type Transaction,
  type Txid,
} from '#atomic-core';
import { findGraphs, keepOutpoint, type Actor } from '#ledger';
import type { HttpClient } from '#ports';
import { CONFIG, type Config } from '../config';
import { openWallet } from '../discovery';
import { HTTP_CLIENT } from '../egress';
import { Transitions } from '../submissions';
import { Log } from '../telemetry';
import { VerificationService } from '../verification';
import { RevocationTokens } from './revocation-tokens';

const NOTHING = new Uint8Array(0);
const ORIGINATOR = 'portcullis.local';

/** The outputs whose spending revokes: made and spent by the operator's wallet, and brought to the network as every submission is. */
@Injectable()
export class RevocationOutpoints implements BeforeApplicationShutdown {
  readonly #stop = new AbortController();
  readonly #tokens: RevocationTokens;

  constructor(
    @Inject(CONFIG) { overlayWalletUrl, publicUrl }: Config,
    @Inject(HTTP_CLIENT) http: HttpClient,
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(Transitions) private readonly transitions: Transitions,
    @Inject(VerificationService) private readonly verification: VerificationService,
    @Inject(Log) private readonly log: Log,
  ) {
    // The configuration was refused without it.
    if (overlayWalletUrl === undefined) throw new Error('Nothing to make revocation outpoints with.');
    const originator = publicUrl === undefined ? ORIGINATOR : new URL(publicUrl).host;
    this.#tokens = new RevocationTokens(openWallet(http, overlayWalletUrl, originator, this.#stop.signal), originator);
  }

  beforeApplicationShutdown(): void {
    this.#stop.abort();
  }

  /** One that the wallet made and we lost, by a crash or a broken connection, is taken before another is made. */
  async make(id: string, actor: Actor): Promise<Result<Outpoint>> {
    const made = await this.#ask(async () => (await this.#tokens.find(id)) ?? this.#makeNew(id));
    return made.ok ? this.#keep(id, made.value, actor) : made;
  }

  /** Undefined: there is none, in the ledger or the wallet. */
  async find(id: string, actor: Actor): Promise<Result<Outpoint | undefined>> {
    const made = await this.#ask(() => this.#tokens.find(id));
    if (!made.ok || made.value === undefined) return made as Result<undefined>;
    return this.#keep(id, made.value, actor);
  }

  /** From its COMMIT on the certificate is revoked. What the wallet signed before is brought again, and no second spend made. */
  async spend(id: string, outpoint: Outpoint, actor: Actor): Promise<Result<Txid>> {
    const [txid = '', vout = ''] = printOutpoint(outpoint).split('.');
    const held = { txid: txid as Txid, vout: Number(vout) };
    const graph = await findGraphs(this.database, [held.txid], new Map());
    const made = writeBeef([held.txid], [...graph.values()]);
    const beef = await this.#ask(async () => (await this.#tokens.findSpend(id)) ?? this.#tokens.spend(id, held, made));
    const applied = beef.ok ? await this.#apply(beef.value, actor) : beef;
    return applied.ok ? accept(applied.value.txid) : applied;
  }

  async #makeNew(id: string): Promise<Uint8Array> {
    return this.#tokens.make(id, await this.#tokens.lock(id));
  }

  async #keep(id: string, beef: Uint8Array, actor: Actor): Promise<Result<Outpoint>> {
    const script = await this.#ask(() => this.#tokens.lock(id));
    if (!script.ok) return script;
    const applied = await this.#apply(beef, actor);
    if (!applied.ok) return applied;
    const { txid, outputs } = applied.value;
    const vout = outputs.findIndex(({ lockingScript }) => Buffer.from(lockingScript).toString('hex') === script.value);
    if (vout < 0) throw new Error('The wallet left out the revocation outpoint.');
    const outpoint = makeOutpoint(txid, vout);
    await keepOutpoint(this.database, id, outpoint);
    return accept(outpoint);
  }

  /** The gateway's own submission path. The same transaction again is the same request. */
  async #apply(beef: Uint8Array, caller: Actor): Promise<Result<Transaction>> {
    const verified = await this.verification.verify(beef);
    if (!verified.ok) return explain(verified);
    const { subject } = verified.value;
    const requestKey = `certifier:${subject.txid}`;
    const applied = await this.transitions.apply({
      caller,
      asked: {
        submission: { beef: NOTHING, topics: [], baskets: new Map(), labels: [], mode: 'current-tx' },
        requestKey,
        requestDigest: sha256(Buffer.from(requestKey)),
      },
      transaction: verified.value,
      managers: [],
    });
    return applied.ok ? accept(subject) : explain(applied);
  }

  /** Whatever the wallet says instead of an answer, whoever asked comes back. */
  async #ask<T>(call: () => Promise<T>): Promise<Result<T>> {
    try {
      return accept(await call());
    } catch (fault) {
      this.log.write('warn', 'the wallet of the certifier failed', { error: fault });
      return reject('certifier-unavailable');
    }
  }
}

/** Who asks for a certificate has sent no transaction: what is wrong with that of the wallet is a fault of ours, unless it passes. */
function explain(refused: Extract<Result<unknown>, { ok: false }>): Result<never> {
  const { code, detail } = refused.rejection;
  if (rejections[code].next === 'retry-same' || code === 'outpoint-spent') return refused;
  throw new Error(`The transaction of the wallet was refused: ${code}: ${detail}`);
}
