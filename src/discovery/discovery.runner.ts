import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource, type QueryRunner } from 'typeorm';
import { rejections, sha256, writeBeef, type Result } from '#atomic-core';
import { findGraphs, findOutputsByKeys } from '#ledger';
import type { HttpClient } from '#ports';
import { CONFIG, type Config } from '../config';
import { HTTP_CLIENT } from '../egress';
import { Transitions } from '../submissions';
import { KeyRing } from '../keys';
import { Log, Metrics } from '../telemetry';
import { HostedTopics, readAdvertisement, writeLookupKey } from '../topics';
import { VerificationService } from '../verification';
import { AdvertisementTokens, type Claim, type HeldToken, type Host } from './advertisement-tokens';
import { compareClaims } from './compare-claims';
import { openWallet } from './open-wallet';

/** Of the replica that advertises: taken for one round at a time, freed by PostgreSQL when its connection dies. */
const ADVERTISING_LOCK = 7_470_948_353;
const RETRY_MS = 1_000;
const RETRY_MS_MAX = 300_000;
const DOUBLINGS_MAX = 10;
/** A token that the network refused is missed and made again by then. */
const LOOK_MS = 3_600_000;
/** More than a host can want, so that whatever is held is seen. */
const HELD_MAX = 1_000;
/** The tenant of what the gateway applies of its own accord, as in the outbox. */
const GATEWAY = 'gateway';
const NOTHING = new Uint8Array(0);
const TOPICS = { SHIP: 'tm_ship', SLAP: 'tm_slap' } as const;

/** What a round needs of the gateway. */
@Injectable()
export class DiscoveryParts {
  constructor(
    @Inject(DataSource) readonly database: DataSource,
    @Inject(HTTP_CLIENT) readonly http: HttpClient,
    @Inject(Transitions) readonly transitions: Transitions,
    @Inject(VerificationService) readonly verification: VerificationService,
    @Inject(HostedTopics) readonly topics: HostedTopics,
  ) {}
}

/** A transaction of the wallet that is not in the ledger yet. */
interface Made {
  readonly beef: Uint8Array;
  readonly topics: readonly string[];
  /** Scripts that it has to have, in hex. */
  readonly scripts: readonly string[];
}

/** Keeps one token for each name that is hosted, and none for another. A wallet that is away is asked again, and holds up nothing else. */
@Injectable()
export class DiscoveryRunner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #stop = new AbortController();
  readonly #domain: string;
  readonly #tokens: AdvertisementTokens;
  readonly #countRound: (amount: number, labels: { outcome: string }) => void;
  readonly #countToken: (amount: number, labels: { act: string }) => void;
  #failures = 0;
  /** What is hosted changes with a start alone. Later looks take nothing back, so that replicas of two settings do not undo each other's for ever. */
  #isRevoked = false;
  #made: Made | undefined;
  #loop: Promise<void> = Promise.resolve();

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(DiscoveryParts) private readonly parts: DiscoveryParts,
    @Inject(KeyRing) private readonly ring: KeyRing,
    @Inject(Log) private readonly log: Log,
    @Inject(Metrics) metrics: Metrics,
  ) {
    const { publicUrl, overlayWalletUrl } = config;
    // The configuration was refused without them.
    if (publicUrl === undefined || overlayWalletUrl === undefined) throw new Error('Nothing to advertise with.');
    const { origin, host } = new URL(publicUrl);
    this.#domain = origin;
    this.#tokens = new AdvertisementTokens(openWallet(parts.http, overlayWalletUrl, host, this.#stop.signal), host);
    this.#countRound = metrics.counter('discovery_rounds', 'Looks at the own advertisements, by outcome');
    this.#countToken = metrics.counter('discovery_tokens', 'Advertisements made and revoked');
    metrics.gauge('discovery_failures', 'Looks at the own advertisements that failed in a row', () => this.#failures);
  }

  onApplicationBootstrap(): void {
    this.#loop = this.#run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const ours = await this.#round();
      const retryMs = Math.min(RETRY_MS_MAX, RETRY_MS * 2 ** Math.min(this.#failures, DOUBLINGS_MAX));
      await this.#pause(ours && this.#failures === 0 ? LOOK_MS : retryMs);
    }
  }

  /** False where another replica is at it, or it failed. */
  async #round(): Promise<boolean> {
    const runner = this.parts.database.createQueryRunner();
    try {
      if (!(await lock(runner))) return false;
      await this.#settle();
      this.#failures = 0;
      this.#countRound(1, { outcome: 'settled' });
      return true;
    } catch (fault) {
      if (this.#stop.signal.aborted) return false;
      this.#failures += 1;
      this.#countRound(1, { outcome: 'failed' });
      this.log.write('warn', 'advertising failed and is tried again', { failures: this.#failures, error: fault });
      return false;
    } finally {
      await unlock(runner);
    }
  }

  async #settle(): Promise<void> {
    await this.#submitMade();
    const host = { identityKey: await this.#tokens.findIdentity(), domain: this.#domain };
    const { missing, unwanted } = compareClaims(this.#listWanted(), await this.#listHeld(host));
    if (missing.length > 0) await this.#advertise(missing, host);
    if (unwanted.length > 0 && !this.#isRevoked) await this.#revoke(unwanted);
    this.#isRevoked = true;
  }

  #listWanted(): Claim[] {
    const { topicNames, lookupNames } = this.parts.topics;
    return [
      ...topicNames.map((hosted) => ({ protocol: 'SHIP', hosted }) as const),
      ...lookupNames.map((hosted) => ({ protocol: 'SLAP', hosted }) as const),
    ];
  }

  /** Of this identity at this place: another gateway with the same wallet keeps its own. */
  async #listHeld(host: Host): Promise<HeldToken[]> {
    const held: HeldToken[] = [];
    for (const protocol of ['SHIP', 'SLAP'] as const) {
      const found = await findOutputsByKeys(this.parts.database, TOPICS[protocol], [writeLookupKey(host)], HELD_MAX);
      for (const { txid, vout, lockingScript } of found) {
        const read = readAdvertisement(lockingScript, protocol);
        if (read !== undefined) held.push({ protocol, hosted: read.hosted, txid, vout });
      }
    }
    return held;
  }

  async #advertise(claims: readonly Claim[], host: Host): Promise<void> {
    const scripts: string[] = [];
    for (const claim of claims) scripts.push(await this.#tokens.lock(claim, host));
    this.#made = { beef: await this.#tokens.make(scripts), topics: listTopics(claims), scripts };
    await this.#submitMade();
    this.#countToken(claims.length, { act: 'made' });
    this.log.write('info', 'what is hosted was advertised', { domain: host.domain, names: claims.map(nameOf) });
  }

  async #revoke(tokens: readonly HeldToken[]): Promise<void> {
    const txids = [...new Set(tokens.map(({ txid }) => txid))];
    const graph = await findGraphs(this.parts.database, txids, new Map());
    const beef = await this.#tokens.revoke(tokens, writeBeef(txids, [...graph.values()]));
    this.#made = { beef, topics: listTopics(tokens), scripts: [] };
    await this.#submitMade();
    this.#countToken(tokens.length, { act: 'revoked' });
    this.log.write('info', 'advertisements were revoked', { names: tokens.map(nameOf) });
  }

  /** What the wallet made is paid for: it is brought again as long as it may be taken, before anything else is made. */
  async #submitMade(): Promise<void> {
    if (this.#made === undefined) return;
    const applied = await this.#apply(this.#made);
    const isOver = applied.ok || rejections[applied.rejection.code].next !== 'retry-same';
    if (isOver) this.#made = undefined;
    if (!applied.ok) throw new Error(`${applied.rejection.code}: ${applied.rejection.detail}`);
  }

  async #apply({ beef, topics, scripts }: Made): Promise<Result<unknown>> {
    const verified = await this.parts.verification.verify(beef, 'bulk');
    if (!verified.ok) return verified;
    const managers = this.parts.topics.listTopics(topics);
    if (!managers.ok) return managers;
    const { subject } = verified.value;
    const present = new Set(subject.outputs.map(({ lockingScript }) => Buffer.from(lockingScript).toString('hex')));
    if (!scripts.every((script) => present.has(script))) {
      this.#made = undefined;
      throw new Error('the wallet left out an advertisement');
    }
    const requestKey = `discovery:${randomUUID()}`;
    return this.parts.transitions.apply({
      caller: { organisation: GATEWAY, identityKey: this.ring.identityKey, requestId: requestKey },
      asked: {
        submission: { beef: NOTHING, topics, baskets: new Map(), labels: [], mode: 'current-tx' },
        requestKey,
        requestDigest: sha256(Buffer.from(`${requestKey} ${subject.txid}`)),
      },
      transaction: verified.value,
      managers: managers.value,
    });
  }

  #pause(ms: number): Promise<void> {
    const { signal } = this.#stop;
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const timer = setTimeout(end, ms).unref();
      signal.addEventListener('abort', end, { once: true });
      function end(): void {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      }
    });
  }
}

const nameOf = ({ hosted }: Claim): string => hosted;

const listTopics = (claims: readonly Claim[]): string[] =>
  [...new Set(claims.map(({ protocol }) => TOPICS[protocol]))].sort();

async function lock(runner: QueryRunner): Promise<boolean> {
  const rows = (await runner.query('select pg_try_advisory_lock($1) as taken', [ADVERTISING_LOCK])) as {
    taken: boolean;
  }[];
  return rows[0]?.taken === true;
}

async function unlock(runner: QueryRunner): Promise<void> {
  try {
    await runner.query('select pg_advisory_unlock($1)', [ADVERTISING_LOCK]);
  } catch {
    // The connection is gone, and the lock with it.
  }
  await runner.release();
}
