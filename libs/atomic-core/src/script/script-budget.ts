import { SCRIPT_OPCODES_MAX, SCRIPT_SIGNATURES_MAX, SCRIPT_SIGNED_BYTES_MAX, SCRIPT_WORK_MAX } from '../limits';

/** What the interpreted scripts of one BEEF may still cost, all together. */
export interface ScriptBudget {
  opcodes: number;
  work: number;
  signatures: number;
  signedBytes: number;
}

export const openScriptBudget = (): ScriptBudget => ({
  opcodes: SCRIPT_OPCODES_MAX,
  work: SCRIPT_WORK_MAX,
  signatures: SCRIPT_SIGNATURES_MAX,
  signedBytes: SCRIPT_SIGNED_BYTES_MAX,
});

/** Thrown inside the interpreter, caught where it is started and nowhere else. */
export class ScriptBudgetExceeded extends Error {}

const WORDS: Readonly<Record<keyof ScriptBudget, string>> = {
  opcodes: 'too many opcodes',
  work: 'too much work',
  signatures: 'too many signature checks',
  signedBytes: 'too many bytes to sign over',
};

export const charge = (budget: ScriptBudget, what: keyof ScriptBudget, amount: number): void => {
  budget[what] -= amount;
  // A negated comparison, so that what is not a number is refused too.
  if (!(budget[what] >= 0)) throw new ScriptBudgetExceeded(WORDS[what]);
};
