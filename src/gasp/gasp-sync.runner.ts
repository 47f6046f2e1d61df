import { setMaxListeners } from 'node:events';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { claimGaspPeer, listGaspPeers, openGaspPeers, settleGaspPeer, type GaspLease, type GaspPeer } from '#ledger';
import type { HttpClient } from '#ports';
import { CONFIG, type Config } from '../config';
import { HTTP_CLIENT, startTimeBudget } from '../egress';
import { Transitions } from '../submissions';
import { KeyRing } from '../keys';
import { Log, Metrics } from '../telemetry';
import { HostedTopics } from '../topics';
import { VerificationService } from '../verification';
import { syncPeer, type Round } from './sync-peer';

/** A round ends by then, whatever the host does; the lease outlives it, so that no second one begins beside it. */
const ROUND_MS = 600_000;
const LEASE_MS = ROUND_MS + 60_000;
/** A list is read from its beginning once in this time: an output may come back, or be wanted now, long after its place in the list. */
const WHOLE_MS = 86_400_000;
/** The pause doubles with each failed round, up to this. */
const PAUSE_MAX_MS = 3_600_000;
const DOUBLINGS_MAX = 10;
/** Pause between two looks at whose turn it is: another process may have followed a host, or given it up. */
const LOOK_MS_MAX = 60_000;

/** What a round needs of the gateway. */
@Injectable()
export class GaspParts {
  constructor(
    @Inject(DataSource) readonly database: DataSource,
    @Inject(HTTP_CLIENT) readonly http: HttpClient,
    @Inject(Transitions) readonly transitions: Transitions,
    @Inject(VerificationService) readonly verification: VerificationService,
    @Inject(HostedTopics) readonly topics: HostedTopics,
  ) {}
}

/** Follows the hosts of `gaspPeers`: each host by itself, so that one that hangs holds up nobody else; each topic of one after the other. */
@Injectable()
export class GaspSyncRunner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #stop = new AbortController();
  #loops: Promise<unknown> = Promise.resolve();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(GaspParts) private readonly parts: GaspParts,
    @Inject(KeyRing) private readonly ring: KeyRing,
    @Inject(Log) private readonly log: Log,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {
    // One for each host that is waited for or asked.
    setMaxListeners(0, this.#stop.signal);
  }

  async onApplicationBootstrap(): Promise<void> {
    const peers = listPeers(this.config);
    if (peers.length === 0) return;
    const { database, topics } = this.parts;
    for (const { topic } of peers) {
      if (!topics.listTopics([topic]).ok)
        throw new Error(`gaspPeers names ${topic}, which this gateway does not host.`);
    }
    await openGaspPeers(database, peers);
    this.metrics.gauge('gasp_peers_failing', 'Hosts and topics of GASP whose last round failed', async () => {
      const states = await listGaspPeers(database);
      return states.filter(({ failures }) => failures > 0).length;
    });
    const hosts = new Set(peers.map(({ url }) => url));
    this.#loops = Promise.all([...hosts].map((host) => this.#follow(peers.filter(({ url }) => url === host))));
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    await this.#loops;
  }

  async #follow(peers: readonly GaspPeer[]): Promise<void> {
    while (!this.#stop.signal.aborted) {
      for (const peer of peers) await this.#visit(peer);
      await this.#pause(Math.min(LOOK_MS_MAX, this.config.gaspIntervalMs));
    }
  }

  async #visit(peer: GaspPeer): Promise<void> {
    const { database } = this.parts;
    try {
      const lease = await claimGaspPeer(database, peer, { leaseMs: LEASE_MS, wholeMs: WHOLE_MS });
      if (lease === undefined) return;
      const round = await this.#sync(lease);
      await this.#settle(lease, round);
      this.#report(lease, round);
    } catch (fault) {
      // A database that does not answer: the lease runs out and the next look begins again.
      if (!this.#stop.signal.aborted) this.log.write('error', 'a round of GASP failed', { ...peer, error: fault });
    }
  }

  async #sync(lease: GaspLease): Promise<Round> {
    const { topics, ...parts } = this.parts;
    const topic = topics.findTopic(lease.topic);
    if (!topic.ok) throw new Error(`${lease.topic} is not hosted.`);
    const budget = startTimeBudget(ROUND_MS, this.#stop.signal);
    const round = { ...parts, topic: topic.value, identityKey: this.ring.identityKey, stop: budget.signal };
    return syncPeer(round, lease).finally(budget.end);
  }

  async #settle(lease: GaspLease, { since, isComplete, fault }: Round): Promise<void> {
    const { database } = this.parts;
    const { gaspIntervalMs } = this.config;
    if (isComplete) {
      const outcome = {
        kind: 'synced',
        since,
        isWhole: lease.isWhole,
        pauseMs: gaspIntervalMs,
        reason: fault,
      } as const;
      await settleGaspPeer(database, lease, outcome);
      return;
    }
    // A round that this stop ended is not the host's failure, and the next process goes on at once.
    const isOurs = this.#stop.signal.aborted;
    const doublings = Math.min(DOUBLINGS_MAX, lease.failures);
    const pauseMs = isOurs ? 0 : Math.max(gaspIntervalMs, Math.min(PAUSE_MAX_MS, gaspIntervalMs * 2 ** doublings));
    await settleGaspPeer(database, lease, { kind: 'failed', since, reason: fault ?? 'the round was ended', pauseMs });
  }

  #report({ topic, url }: GaspLease, { isComplete, fault, taken, refused, held }: Round): void {
    if (this.#stop.signal.aborted) return;
    if (fault !== undefined || !isComplete)
      this.log.write('warn', 'a GASP host was not followed whole', { topic, url, taken, refused, held, fault });
    else if (taken > 0) this.log.write('info', 'outputs were taken from a GASP host', { topic, url, taken });
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

const listPeers = ({ gaspPeers }: Config): GaspPeer[] =>
  Object.entries(gaspPeers).flatMap(([topic, urls]) => [...new Set(urls)].map((url) => ({ topic, url })));
