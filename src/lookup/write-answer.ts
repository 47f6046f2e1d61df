import type { LookupAnswer } from './lookup-answer';

/** The JSON form of BRC-24: octets as numbers. */
export type WrittenAnswer =
  | {
      readonly type: 'output-list';
      readonly outputs: readonly {
        readonly beef: readonly number[];
        readonly outputIndex: number;
        readonly context?: readonly number[];
      }[];
      readonly truncated?: true;
    }
  | { readonly type: 'freeform'; readonly result: unknown };

export function writeAnswer(answer: LookupAnswer): WrittenAnswer {
  if (answer.type === 'freeform') return answer;
  const outputs = answer.outputs.map(({ beef, outputIndex, context }) => ({
    beef: [...beef],
    outputIndex,
    ...(context && { context: [...context] }),
  }));
  return { type: 'output-list', outputs, ...(answer.truncated && { truncated: true }) };
}
