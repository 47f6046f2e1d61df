import type { PolicyEngine, PolicyQuestion } from './policy';

/** Organisations and texts of policies that are tried: more would make a refusal expensive. */
const ORGANISATIONS_MAX = 64;
const TEXTS_MAX = 8;

/**
 * Whether what is refused would be permitted if every organisation that policies name had agreed, in one of the steps that they name: then it is not forbidden, it
 * needs a proposal. A guess at most, which grants nothing.
 */
export const wouldApprovalsDo = (engine: PolicyEngine, question: PolicyQuestion): boolean => {
  const words = engine.listApplicable(question.action).flatMap(({ approvals }) => approvals ?? []);
  if (words.length === 0) return false;
  const named = words.flatMap(({ organisations }) => organisations).slice(0, ORGANISATIONS_MAX);
  const organisations = named.length === 0 ? [question.organisation, 'another'] : named;
  const texts = [...new Set(words.flatMap((one) => one.texts))].slice(0, TEXTS_MAX);
  return [question.step, ...texts].some(
    (step) =>
      engine.evaluate({ ...question, approvals: organisations, othersApprovals: organisations, step }).permitted,
  );
};
