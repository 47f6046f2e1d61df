import { GASP, LogLevel } from '@bsv/gasp';
import type { DataSource } from 'typeorm';
import { findAppliedTxids, findTransactions, type GaspLease } from '#ledger';
import type { HttpClient } from '#ports';
import { GaspRemote, type OwnTransactions } from './gasp-remote';
import { GaspStorage } from './gasp-storage';
import { GraphJudge, type JudgeParts } from './graph-judge';
import { Outcomes } from './outcomes';

export interface SyncParts extends JudgeParts {
  readonly http: HttpClient;
}

/** What one round over a host's list came to. */
export interface Round {
  readonly taken: number;
  readonly refused: number;
  readonly held: number;
  /** The score up to which nothing is left to ask for. */
  readonly since: number;
  /** Why the round ended before the list did, or why an output was not taken, in the words of the first that was not. */
  readonly fault: string | undefined;
  readonly isComplete: boolean;
}

/** A host that always has another page is left for the next round. */
const PAGES_MAX = 1_000;

/**
 * One round: the host's list from `since` on, page by page, each unknown output with its graph through the class of `@bsv/gasp`. An output that could not be
 * judged now holds the score back, so it is listed again; one that was refused does not.
 */
export async function syncPeer(parts: SyncParts, lease: Pick<GaspLease, 'url' | 'since'>): Promise<Round> {
  const outcomes = new Outcomes();
  const { http, topic, stop } = parts;
  const own = createOwn(parts.database, topic.name);
  const remote = new GaspRemote({ http, url: lease.url, topic: topic.name, own, outcomes, stop });
  const storage = new GaspStorage(new GraphJudge(parts), remote, outcomes);
  const tally = { taken: 0, refused: 0, held: 0 };
  let [since, heldAt, fault]: [number, number | undefined, string | undefined] = [lease.since, undefined, undefined];
  const end = (isComplete: boolean, why = fault): Round => ({
    ...tally,
    since: heldAt === undefined ? since : Math.max(0, heldAt - 1),
    fault: why,
    isComplete,
  });
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const gasp = new GASP(storage, remote, since, '', false, true, LogLevel.NONE, true);
    try {
      await gasp.sync(lease.url);
    } catch (error) {
      return end(false, error instanceof Error ? error.message : 'the list could not be read');
    }
    const listed = remote.page;
    for (const { txid, vout, score } of listed?.unknown ?? []) {
      const { kind, reason } = outcomes.find(`${txid}.${vout}`);
      tally[kind] += 1;
      if (kind !== 'taken') fault ??= `${txid}.${vout}: ${reason}`;
      if (kind === 'held') heldAt = Math.min(heldAt ?? score, score);
    }
    if (listed === undefined || remote.isDown) return end(false);
    const isMoving = listed.until > since;
    since = Math.max(since, listed.until);
    if (!listed.isFull) return end(true);
    if (!isMoving) return end(false, 'the host lists the same page again');
  }
  return end(false, 'the list does not end');
}

const createOwn = (database: DataSource, topic: string): OwnTransactions => ({
  findOwn: async (txid) => (await findTransactions(database, [txid])).at(0),
  listUnknown: async (outputs) => {
    const applied = await findAppliedTxids(database, topic, [...new Set(outputs.map(({ txid }) => txid))]);
    return outputs.filter(({ txid }) => !applied.has(txid));
  },
});
