import { accept, reject, type Rejection, type Result } from '#atomic-core';
import { z } from 'zod';

/** BRC-24. */
export interface LookupQuestion {
  readonly service: string;
  readonly query: unknown;
}

export interface AnsweredOutput {
  /** Atomic BEEF: the transaction of the output with its newest proofs, and with as much of its history as the service asks for. */
  readonly beef: Buffer;
  readonly txid: string;
  readonly outputIndex: number;
  /** What the service adds of its own. */
  readonly context?: Buffer;
}

export type LookupAnswer =
  | {
      readonly type: 'output-list';
      readonly outputs: readonly AnsweredOutput[];
      /** Outputs were left out, by the limits of one answer or because an ancestor waits for its proof; absent when it is whole. */
      readonly truncated?: true;
    }
  | { readonly type: 'freeform'; readonly result: unknown };

const question = z.strictObject({ service: z.string(), query: z.unknown() });

export function readQuestion(body: unknown): Result<LookupQuestion> {
  const asked = question.safeParse(body);
  return asked.success ? accept(asked.data) : reject('query-malformed', 'the body is an object with service and query');
}

/**
 * What cannot be proven at the moment is left out, so that one reorged ancestor does not hold back all the others. Where nothing else is left the answer is
 * refused: an empty list would say that there is nothing.
 */
export function listOutputs(
  outputs: readonly AnsweredOutput[],
  { isCut = false, waiting }: { readonly isCut?: boolean; readonly waiting?: Rejection | undefined },
): Result<LookupAnswer> {
  if (waiting !== undefined && outputs.length === 0) return { ok: false, rejection: waiting };
  return accept({ type: 'output-list', outputs, ...((isCut || waiting !== undefined) && { truncated: true }) });
}

/** The reason, when it is one that passes by itself. */
export const isWaiting = ({ code }: Rejection): boolean => code === 'chain-unsettled';
