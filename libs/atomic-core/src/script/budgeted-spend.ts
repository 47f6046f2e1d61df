import { OP } from '@bsv/sdk';
import { SCRIPT_NUMBER_BYTES_MAX, SCRIPT_SHIFT_BITS_MAX } from '../limits';
import { OpenSpend, type SpendParameters } from './open-spend';
import { type ScriptBudget, ScriptBudgetExceeded, charge } from './script-budget';
import type { SignatureCheck } from './signature-check';
import { runCheckMultisig, runCheckSig } from './signature-opcodes';

/** Opcodes whose cost grows faster than their operands, or that turn a small number into a large allocation. */
const ARITHMETIC = new Set<number>([
  ...[OP.OP_MUL, OP.OP_DIV, OP.OP_MOD, OP.OP_ADD, OP.OP_SUB, OP.OP_1ADD, OP.OP_1SUB, OP.OP_2MUL, OP.OP_2DIV],
  ...[OP.OP_NEGATE, OP.OP_ABS, OP.OP_NOT, OP.OP_0NOTEQUAL, OP.OP_BOOLAND, OP.OP_BOOLOR, OP.OP_NUMEQUAL],
  ...[OP.OP_NUMEQUALVERIFY, OP.OP_NUMNOTEQUAL, OP.OP_LESSTHAN, OP.OP_GREATERTHAN, OP.OP_LESSTHANOREQUAL],
  ...[OP.OP_GREATERTHANOREQUAL, OP.OP_MIN, OP.OP_MAX, OP.OP_WITHIN, OP.OP_LSHIFTNUM, OP.OP_RSHIFTNUM],
]);
/** Big-number work on operands that the network does not bound: charged by the square, so that small ones stay cheap and large ones end at once. */
const BIG_NUMBER = new Set<number>([OP.OP_LSHIFT, OP.OP_RSHIFT, OP.OP_NUM2BIN, OP.OP_BIN2NUM]);
const SHIFTS = new Set<number>([OP.OP_LSHIFTNUM, OP.OP_RSHIFTNUM]);
/** In JavaScript, byte by byte. */
const HASHES = new Set<number>([OP.OP_RIPEMD160, OP.OP_SHA1, OP.OP_SHA256, OP.OP_HASH160, OP.OP_HASH256]);
const HASH_WEIGHT = 16;
/** An opcode reads at most this many of the top stack items whose size is up to the sender. */
const OPERANDS_MAX = 3;

/** A non-negative script number; undefined when negative, infinite when it has more than four bytes: nothing that needs them fits a budget. */
const readSmallNumber = (bytes: readonly number[] | undefined): number | undefined => {
  if (!bytes || ((bytes.at(-1) ?? 0) & 0x80) !== 0) return undefined;
  if (bytes.length > 4) return Infinity;
  return bytes.reduce((sum, byte, index) => sum + byte * 2 ** (8 * index), 0);
};

/** A script that does not hold. Without the stack that the SDK prints into its error: a megabyte of it is 100 ms of hex. */
export class ScriptFailed extends Error {}

/**
 * The SDK's interpreter with an account, and with our signature check. It has a memory limit but counts no work: `1 << 2^30` is one opcode, `DUP MUL` on a
 * large number is a second of CPU. The account is charged before the opcode runs; the opcodes themselves are counted before the script is parsed.
 */
export class BudgetedSpend extends OpenSpend {
  private readonly budget: ScriptBudget;
  private readonly check: SignatureCheck;

  constructor(parameters: SpendParameters, budget: ScriptBudget, check: SignatureCheck) {
    super(parameters);
    this.budget = budget;
    this.check = check;
  }

  override step(): boolean {
    const script = this.context === 'UnlockingScript' ? this.unlockingScript : this.lockingScript;
    const opcode = script.chunks[this.programCounter]?.op;
    // An if-stack is searched by every opcode under it, pushes and skipped ones among them.
    let work = 1 + this.ifStack.length;
    if (opcode !== undefined && opcode > OP.OP_16) work += this.measure(opcode);
    charge(this.budget, 'workBytes', work);
    return this.isSignatureOpcode(opcode) ? this.stepSignature(opcode) : super.step();
  }

  override scriptEvaluationError(message: string): void {
    if (/memory usage has exceeded/.test(message)) throw new ScriptBudgetExceeded('too much memory');
    throw new ScriptFailed(message);
  }

  private isSignatureOpcode(opcode: number | undefined): opcode is number {
    if (opcode === undefined || opcode < OP.OP_CHECKSIG || opcode > OP.OP_CHECKMULTISIGVERIFY) return false;
    return !this.returningFromConditional && !this.ifStack.includes(false);
  }

  private stepSignature(opcode: number): boolean {
    // What the SDK's step does around every opcode.
    this.executedOpCount++;
    if (this.hasExplicitFlags() && !this.isAfterGenesis() && this.executedOpCount > OPCODES_MAX_BEFORE_GENESIS)
      this.scriptEvaluationError('Too many opcodes for a script before Genesis.');
    if (opcode === OP.OP_CHECKSIG || opcode === OP.OP_CHECKSIGVERIFY)
      runCheckSig(this, this.check, opcode === OP.OP_CHECKSIGVERIFY);
    else runCheckMultisig(this, this.check, opcode === OP.OP_CHECKMULTISIGVERIFY);
    this.programCounter++;
    return true;
  }

  /** What the opcode is about to move, weighted by what the SDK needs for it. */
  private measure(opcode: number): number {
    const operands = this.stack.slice(-OPERANDS_MAX);
    let bytes = 0;
    for (const operand of operands) bytes += operand.length;
    if (HASHES.has(opcode)) return (operands.at(-1)?.length ?? 0) * HASH_WEIGHT;
    // ROLL moves what lies above, whatever its size.
    if (opcode === OP.OP_ROLL) return bytes + Math.min(readSmallNumber(operands.at(-1)) ?? 0, this.stack.length);
    if (opcode === OP.OP_CHECKMULTISIG || opcode === OP.OP_CHECKMULTISIGVERIFY) this.refuseManyKeys(operands.at(-1));
    if (ARITHMETIC.has(opcode)) this.refuseLargeNumbers(opcode, operands);
    return ARITHMETIC.has(opcode) || BIG_NUMBER.has(opcode) ? bytes * (1 + Math.floor(bytes / 64)) : bytes;
  }

  private refuseLargeNumbers(opcode: number, operands: readonly number[][]): void {
    if (operands.some(({ length }) => length > SCRIPT_NUMBER_BYTES_MAX))
      throw new ScriptBudgetExceeded('a number is too large');
    if (SHIFTS.has(opcode) && (readSmallNumber(operands.at(-1)) ?? 0) > SCRIPT_SHIFT_BITS_MAX)
      throw new ScriptBudgetExceeded('a shift is too wide');
  }

  /** For a multisignature the number of keys bounds the number of checks. */
  private refuseManyKeys(count: readonly number[] | undefined): void {
    if ((readSmallNumber(count) ?? 0) > this.budget.signatures)
      throw new ScriptBudgetExceeded('too many signature checks');
  }
}

/** Consensus of the time, for the vectors of the time. */
const OPCODES_MAX_BEFORE_GENESIS = 500;
