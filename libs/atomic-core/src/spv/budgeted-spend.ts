import { OP, Spend } from '@bsv/sdk';
import {
  SCRIPT_NUMBER_BYTES_MAX,
  SCRIPT_OPCODES_MAX,
  SCRIPT_SHIFT_BITS_MAX,
  SCRIPT_SIGNATURES_MAX,
  SCRIPT_SIGNED_BYTES_MAX,
  SCRIPT_WORK_BYTES_MAX,
} from '../limits';

/** What the scripts of one BEEF may still cost, all together. */
export interface ScriptBudget {
  opcodes: number;
  workBytes: number;
  signatures: number;
  signedBytes: number;
}

export const openScriptBudget = (): ScriptBudget => ({
  opcodes: SCRIPT_OPCODES_MAX,
  workBytes: SCRIPT_WORK_BYTES_MAX,
  signatures: SCRIPT_SIGNATURES_MAX,
  signedBytes: SCRIPT_SIGNED_BYTES_MAX,
});

/** Thrown inside the interpreter, caught by verify-scripts and nowhere else. */
export class ScriptBudgetExceeded extends Error {}

type SpendParameters = ConstructorParameters<typeof Spend>[0];

/** Opcodes whose cost grows faster than their operands, or that turn a small number into a large allocation. */
const ARITHMETIC = new Set<number>([
  OP.OP_MUL,
  OP.OP_DIV,
  OP.OP_MOD,
  OP.OP_ADD,
  OP.OP_SUB,
  OP.OP_1ADD,
  OP.OP_1SUB,
  OP.OP_2MUL,
  OP.OP_2DIV,
  OP.OP_NEGATE,
  OP.OP_ABS,
  OP.OP_NOT,
  OP.OP_0NOTEQUAL,
  OP.OP_BOOLAND,
  OP.OP_BOOLOR,
  OP.OP_NUMEQUAL,
  OP.OP_NUMEQUALVERIFY,
  OP.OP_NUMNOTEQUAL,
  OP.OP_LESSTHAN,
  OP.OP_GREATERTHAN,
  OP.OP_LESSTHANOREQUAL,
  OP.OP_GREATERTHANOREQUAL,
  OP.OP_MIN,
  OP.OP_MAX,
  OP.OP_WITHIN,
  OP.OP_LSHIFTNUM,
  OP.OP_RSHIFTNUM,
]);
/** Big-number work on operands that the network does not bound: charged by the square, so that small ones stay cheap and large ones end at once. */
const BIG_NUMBER = new Set<number>([OP.OP_LSHIFT, OP.OP_RSHIFT, OP.OP_NUM2BIN, OP.OP_BIN2NUM]);
const SHIFTS = new Set<number>([OP.OP_LSHIFTNUM, OP.OP_RSHIFTNUM]);
const SINGLE_CHECKS = new Set<number>([OP.OP_CHECKSIG, OP.OP_CHECKSIGVERIFY]);
const MULTI_CHECKS = new Set<number>([OP.OP_CHECKMULTISIG, OP.OP_CHECKMULTISIGVERIFY]);
/** An opcode reads at most this many of the top stack items whose size is up to the sender. */
const OPERANDS_MAX = 3;

/** A non-negative script number; undefined when negative, infinite when it has more than four bytes: nothing that needs them fits a budget. */
const readSmallNumber = (bytes: readonly number[] | undefined): number | undefined => {
  if (!bytes || ((bytes.at(-1) ?? 0) & 0x80) !== 0) return undefined;
  if (bytes.length > 4) return Infinity;
  return bytes.reduce((sum, byte, index) => sum + byte * 2 ** (8 * index), 0);
};

/**
 * The SDK's interpreter with an account. It has a memory limit but counts neither opcodes nor work: `1 << 2^30` is one opcode, `DUP MUL` on a large
 * number is a second of CPU, and each signature hashes the whole script again. The account is charged before the opcode runs.
 */
export class BudgetedSpend extends Spend {
  private readonly budget: ScriptBudget;
  private readonly signedBytesEach: number;

  constructor(parameters: SpendParameters, budget: ScriptBudget, signedBytesEach: number) {
    super(parameters);
    this.budget = budget;
    this.signedBytesEach = signedBytesEach;
  }

  override step(): boolean {
    const script = this.context === 'UnlockingScript' ? this.unlockingScript : this.lockingScript;
    const opcode = script.chunks[this.programCounter]?.op;
    if (--this.budget.opcodes < 0) throw new ScriptBudgetExceeded('too many opcodes');
    if (opcode !== undefined && opcode > OP.OP_PUSHDATA4) this.charge(opcode);
    return super.step();
  }

  private charge(opcode: number): void {
    const operands = this.stack.slice(-OPERANDS_MAX);
    // An if-stack is searched by every opcode under it.
    let workBytes = 1 + this.ifStack.length;
    for (const operand of operands) {
      workBytes += operand.length;
      if (ARITHMETIC.has(opcode) && operand.length > SCRIPT_NUMBER_BYTES_MAX)
        throw new ScriptBudgetExceeded('a number is too large');
    }
    if (ARITHMETIC.has(opcode) || BIG_NUMBER.has(opcode)) workBytes *= 1 + Math.floor(workBytes / 64);
    if (SHIFTS.has(opcode) && (readSmallNumber(operands.at(-1)) ?? 0) > SCRIPT_SHIFT_BITS_MAX)
      throw new ScriptBudgetExceeded('a shift is too wide');
    if ((this.budget.workBytes -= workBytes) < 0) throw new ScriptBudgetExceeded('too much work');
    if (SINGLE_CHECKS.has(opcode)) this.chargeSignatures(1);
    if (MULTI_CHECKS.has(opcode)) this.chargeSignatures(readSmallNumber(operands.at(-1)) ?? 0);
  }

  /** For a multisignature the number of keys bounds the number of checks. */
  private chargeSignatures(count: number): void {
    this.budget.signatures -= count;
    this.budget.signedBytes -= count * this.signedBytesEach;
    if (this.budget.signatures < 0) throw new ScriptBudgetExceeded('too many signature checks');
    if (this.budget.signedBytes < 0) throw new ScriptBudgetExceeded('too many bytes to sign over');
  }
}
