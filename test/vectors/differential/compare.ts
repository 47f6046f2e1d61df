import type { Rejection, Txid } from '#atomic-core';
import { judgeBeef } from '#testkit';
import { MEDIAN_TIME_PAST, TIP_HEIGHT } from '../../hostile/corpus/shapes';
import { type SdkVerdict, judgeBySdk, passesInterpreter } from './judge-sdk';
import type { DifferentialCase } from './make-case';
import { oursOnlyRules, rules } from './rules';

/** How one case ended. A finding is a difference that no rule explains. */
export interface Comparison {
  readonly category: string;
  readonly finding: boolean;
}

const agreed = (category: string): Comparison => ({ category, finding: false });
const found = (category: string): Comparison => ({ category: `FINDING ${category}`, finding: true });

const judgeHere = ({ bytes, roots }: DifferentialCase) =>
  judgeBeef(bytes, (height, root) => roots.some((known) => known.height === height && known.root === root), {
    tipHeight: TIP_HEIGHT,
    medianTimePast: MEDIAN_TIME_PAST,
  });

/** An exception of the core over a stranger's bytes is a finding, whatever the SDK says. */
const judgeSafely = (given: DifferentialCase): ReturnType<typeof judgeBeef> | Error => {
  try {
    return judgeHere(given);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
};

const compareAccepted = async (given: DifferentialCase, subject: Txid, sdk: SdkVerdict): Promise<Comparison> => {
  if (sdk.kind === 'bomb') return found('accepted here, a bomb for the SDK');
  if (sdk.kind === 'refused') {
    for (const { rule, holds } of oursOnlyRules)
      if (await holds({ ...given, ...sdk })) return agreed(`accepted here only: ${rule}`);
    return found(`accepted here, refused by the SDK: ${sdk.why}`);
  }
  if (sdk.transaction.id('hex') !== subject) return found('accepted by both, with different subjects');
  // The SDK's own rules are laxer than the policy; what is accepted here must pass its interpreter under all of it.
  if (!passesInterpreter(sdk.transaction)) return found('accepted here, refused by the interpreter under the policy');
  return agreed('accepted by both');
};

const compareRefused = (given: DifferentialCase, { code, detail }: Rejection, sdk: SdkVerdict): Comparison => {
  if (sdk.kind === 'bomb') return agreed('refused here, a bomb for the SDK: B1');
  if (sdk.kind === 'refused') return agreed('refused by both');
  const difference = { ...given, transaction: sdk.transaction, detail };
  const rule = rules.find((each) => each.code === code && (each.holds?.(difference) ?? true));
  if (rule) return agreed(`accepted by the SDK only: ${code}: ${rule.rule}`);
  return found(
    `accepted by the SDK, refused here: ${code}: ${detail.replace(/[0-9a-f]{64}/g, '…').replace(/\d+/g, 'N')}`,
  );
};

export const compareCase = async (given: DifferentialCase): Promise<Comparison> => {
  const ours = judgeSafely(given);
  if (ours instanceof Error) return found(`the core throws: ${ours.stack?.slice(0, 400) ?? ours.message}`);
  const sdk = await judgeBySdk(given.bytes, given.roots);
  return ours.ok ? compareAccepted(given, ours.value.subject.txid, sdk) : compareRefused(given, ours.rejection, sdk);
};

/** The SDK did not come back from it. That is no finding as long as the core refuses it, or says so in time itself. */
export const compareHanging = (given: DifferentialCase): Comparison => {
  const ours = judgeSafely(given);
  if (ours instanceof Error) return found(`the core throws: ${ours.stack?.slice(0, 400) ?? ours.message}`);
  return ours.ok ? found('accepted here, endless for the SDK') : agreed('refused here, endless for the SDK: B1, B2');
};
