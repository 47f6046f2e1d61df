import type { RevocationAnswer } from '#ports';
import type { ProvenSpend, SpendFinding } from './prove-spend';

export interface SourcedAnswer {
  readonly source: string;
  readonly answer: RevocationAnswer;
}

/** What all sources together say. */
export type RevocationVerdict =
  | {
      readonly state: 'good';
      readonly asOfMs: number;
      readonly source: string;
      /** Who could not say. The ledger keeps what one of them said before. */
      readonly silent?: readonly string[];
    }
  | {
      readonly state: 'revoked';
      readonly spenderTxid: string;
      readonly source: string;
      /** Found just now: for the ledger to keep. */
      readonly proven?: ProvenSpend;
    }
  /** Silent: nobody could say. Else they contradict each other. */
  | { readonly state: 'unknown'; readonly detail: string; readonly isSilent: boolean };

type Said<State extends RevocationAnswer['state']> = {
  readonly source: string;
  readonly answer: Extract<RevocationAnswer, { state: State }>;
};

const pick = <State extends RevocationAnswer['state']>(answers: readonly SourcedAnswer[], state: State) =>
  answers.filter((said): said is Said<State> => said.answer.state === state);

const listSources = (said: readonly { readonly source: string }[]): string =>
  said.map(({ source }) => source).join(', ');

/**
 * One that does not know contradicts nobody. Those that know and contradict each other, about the state or about who spent it, leave it unknown: a guess
 * between them would be an attacker's to make.
 */
export const judgeRevocation = (answers: readonly SourcedAnswer[]): RevocationVerdict => {
  const good = pick(answers, 'good');
  const revoked = pick(answers, 'revoked');
  const spenders = new Set(revoked.map(({ answer }) => answer.spenderTxid));
  if ((good.length > 0 && revoked.length > 0) || spenders.size > 1)
    return {
      ...{ state: 'unknown', isSilent: false },
      detail: `the sources contradict each other: ${listSources([...good, ...revoked])}`,
    };
  const [first] = revoked;
  if (first !== undefined)
    return { state: 'revoked', spenderTxid: first.answer.spenderTxid, source: listSources(revoked) };
  if (good.length > 0)
    return { state: 'good', asOfMs: Math.min(...good.map(({ answer }) => answer.asOfMs)), source: listSources(good) };
  const silent = pick(answers, 'unknown').map(({ source, answer }) => `${source}: ${answer.detail}`);
  return { state: 'unknown', detail: silent.join('; '), isSilent: true };
};

/** Who could not say now, and may have said before that `namedBefore` spends it. That this is shown to be false leaves nothing to keep. */
export const listSilent = (
  answers: readonly SourcedAnswer[],
  findings: readonly SpendFinding[],
  namedBefore: string | undefined,
): readonly string[] => {
  const finding = findings.find(({ spenderTxid }) => spenderTxid === namedBefore);
  if (finding?.isRefuted === true) return [];
  const silent = pick(answers, 'unknown').map(({ source }) => source);
  return silent.filter((source) => finding?.liars.has(source) !== true);
};

/** Words that are shown to be false are none: of whoever named a transaction that does not spend it, and of whoever proved one falsely. */
export const discardFalseWords = (
  answers: readonly SourcedAnswer[],
  findings: readonly SpendFinding[],
): readonly SourcedAnswer[] =>
  answers.map((said) => {
    const { source, answer } = said;
    if (answer.state !== 'revoked') return said;
    const finding = findings.find(({ spenderTxid }) => spenderTxid === answer.spenderTxid);
    const fault = finding?.isRefuted === true ? 'does not spend it' : finding?.liars.has(source) && 'it proved falsely';
    if (fault === undefined || fault === false) return said;
    return { source, answer: { state: 'unknown', detail: `it named ${answer.spenderTxid}, which ${fault}` } };
  });
