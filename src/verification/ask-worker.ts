import { accept, reject, type RejectionCode, type Result } from '#atomic-core';
import type { VerificationPool } from './verification.pool';
import type { Urgency } from './waiting-line';
import type { WorkerAnswer, WorkerOrder } from './worker-order';
import type { OrderEnd } from './worker-slot';

export interface Question<Op extends WorkerOrder['op']> {
  readonly order: WorkerOrder & { op: Op };
  readonly urgency: Urgency;
  /** What an order is refused with that outgrew its time or memory. */
  readonly limitCode: RejectionCode;
}

/** An answer of the kind that was asked for, or the refusal. A fault of the worker is thrown: the request fails closed. */
export async function askWorker<Op extends WorkerOrder['op']>(
  pool: Pick<VerificationPool, 'run'>,
  { order, urgency, limitCode }: Question<Op>,
): Promise<Result<WorkerAnswer & { op: Op }>> {
  const { op } = order;
  const end = await pool.run(order, urgency);
  if (end.kind !== 'answered') return reject(refusalOf(end, limitCode));
  const { answer } = end;
  if (answer.op === 'refused') return { ok: false, rejection: answer.rejection };
  if (answer.op === 'fault') throw new Error(`A verification worker failed: ${answer.stack}`);
  if (answer.op !== op) throw new Error(`A verification worker was asked to ${op} and answered "${answer.op}".`);
  return accept(answer as WorkerAnswer & { op: Op });
}

function refusalOf(end: Exclude<OrderEnd, { kind: 'answered' }>, limitCode: RejectionCode): RejectionCode {
  if (end.kind === 'limit') return limitCode;
  // A thread lost for no fault of the bytes says nothing about them.
  return end.kind === 'stopping' ? 'shutting-down' : 'verification-busy';
}
