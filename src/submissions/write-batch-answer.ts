import { writeProblem } from '../ingress';
import type { ItemVerdict } from './batch-verdicts';
import { writeReceipt } from './write-answer';

const APPLIED = 201;

/** What the single route would answer each item, in the order of the request. The same batch again is answered alike, but for the counts. */
export function writeBatchAnswer(verdicts: readonly ItemVerdict[], requestId: string): Record<string, unknown> {
  const count = (wanted: ItemVerdict['kind']): number => verdicts.filter(({ kind }) => kind === wanted).length;
  return {
    items: verdicts.map((verdict, index) => writeItem(verdict, index, requestId)),
    applied: count('applied'),
    replayed: count('replayed'),
    refused: count('refused'),
  };
}

function writeItem(verdict: ItemVerdict, index: number, requestId: string): Record<string, unknown> {
  if (verdict.kind !== 'refused') return { index, status: APPLIED, receipt: writeReceipt(verdict.receipt) };
  const problem = writeProblem(verdict.rejection, requestId);
  return { index, status: problem.status, problem };
}
