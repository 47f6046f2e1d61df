import type { Result } from '#atomic-core';
import { commitTransition, commitTransitions, type CommitInput, type CommitOutcome, type Database } from '#ledger';
import { judgeError } from '../ingress';

/** As `commitTransition` ended, or would have, for one COMMIT alone. */
export type CommitEnd = PromiseSettledResult<Result<CommitOutcome>>;

/**
 * The end of each, in its place; several are one statement. What goes wrong with that statement is tried again one by one, but where the database was lost:
 * then it throws, nobody knows what became of any of them, and whoever sends the same again is told.
 */
export async function commitGroup(
  database: Database,
  inputs: readonly CommitInput[],
  onFault: (error: unknown) => void,
): Promise<readonly CommitEnd[]> {
  if (inputs.length > 1) {
    try {
      const committed = await commitTransitions(database, inputs);
      if (committed.ok) return committed.value.map((value) => ({ status: 'fulfilled', value }));
    } catch (error) {
      if (!judgeError(error).isFault) throw error;
      onFault(error);
    }
  }
  // Something of one item undid them all, or there was too much of them for the time that a statement has.
  return commitSingly(database, inputs);
}

async function commitSingly(database: Database, inputs: readonly CommitInput[]): Promise<readonly CommitEnd[]> {
  const ends: CommitEnd[] = [];
  for (const input of inputs) {
    const [end] = await Promise.allSettled([commitTransition(database, input)]);
    ends.push(end);
    // The next would wait as long for the same answer.
    if (isDatabaseAway(end)) return inputs.map((_, place) => ends[place] ?? end);
  }
  return ends;
}

const isDatabaseAway = (end: CommitEnd): boolean =>
  end.status === 'rejected'
    ? !judgeError(end.reason).isFault
    : !end.value.ok && end.value.rejection.code === 'database-unavailable';
