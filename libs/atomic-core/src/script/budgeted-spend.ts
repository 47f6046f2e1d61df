import { OP, type Script } from '@bsv/sdk';
import { SCRIPT_NUMBER_BYTES_MAX, SCRIPT_SHIFT_BITS_MAX } from '../limits';
import { SIGHASH_CHRONICLE } from './hash-types';
import { isBalanced } from './is-balanced';
import { OpenSpend, type SpendParameters } from './open-spend';
import { STEP_COST, measureOpcode, readSmallNumber, readsNumber } from './measure-opcode';
import { type ScriptBudget, ScriptBudgetExceeded, charge } from './script-budget';
import type { SignatureCheck } from './signature-check';
import { runCheckMultisig, runCheckSig } from './signature-opcodes';

const SHIFTS = new Set<number>([OP.OP_LSHIFTNUM, OP.OP_RSHIFTNUM]);
/** These read more of their operands than the number on top, or a number that is no arithmetic. */
const INDEXED = new Set<number>([OP.OP_SPLIT, OP.OP_LEFT, OP.OP_RIGHT, OP.OP_NUM2BIN, OP.OP_LSHIFT, OP.OP_RSHIFT]);
/** Consensus for coins from before Genesis. */
const OPCODES_MAX_BEFORE_GENESIS = 500;
const NUMBER_BYTES_MAX_BEFORE_GENESIS = 4;
const MULTISIGS = new Set<number>([OP.OP_CHECKMULTISIG, OP.OP_CHECKMULTISIGVERIFY]);
/** What means something else for coins from before Chronicle. */
const CHRONICLE_OPCODES = new Set<number>([
  ...[OP.OP_VER, OP.OP_VERIF, OP.OP_VERNOTIF, OP.OP_2MUL, OP.OP_2DIV],
  ...[OP.OP_SUBSTR, OP.OP_LEFT, OP.OP_RIGHT, OP.OP_LSHIFTNUM, OP.OP_RSHIFTNUM],
]);

/** A script that does not hold. Without the stack that the SDK prints into its error: a megabyte of it is 100 ms of hex. */
export class ScriptFailed extends Error {}

/**
 * The SDK's interpreter with an account, and with our signature check. It has a memory limit but counts no work: `1 << 2^30` is one opcode, `DUP MUL` on a
 * large number is a second of CPU. The account is charged before the opcode runs; the opcodes themselves are counted before the script is parsed.
 */
export class BudgetedSpend extends OpenSpend {
  private readonly budget: ScriptBudget;
  private readonly check: SignatureCheck;
  private opcodes = 0;
  /** Whether a script came to an opcode of Chronicle, run or skipped. If none did, the rules of Genesis and of Chronicle are the same for it. */
  metChronicle = false;

  constructor(parameters: SpendParameters, budget: ScriptBudget, check: SignatureCheck) {
    super(parameters);
    this.budget = budget;
    this.check = check;
  }

  override step(): boolean {
    const script = this.context === 'UnlockingScript' ? this.unlockingScript : this.lockingScript;
    const opcode = script.chunks[this.programCounter]?.op ?? 0;
    // An if-stack is searched by every opcode under it, pushes and skipped ones among them.
    charge(this.budget, 'work', STEP_COST + this.ifStack.length);
    if (CHRONICLE_OPCODES.has(opcode)) this.metChronicle = true;
    const isExecuted = opcode > OP.OP_16 && !this.returningFromConditional && !this.ifStack.includes(false);
    if (!this.isAfterGenesis()) this.countOpcode(opcode, isExecuted);
    if (!isExecuted) return this.skip(script.chunks);
    this.refuse(opcode);
    charge(this.budget, 'work', measureOpcode(opcode, this.stack));
    if (opcode >= OP.OP_CHECKSIG && opcode <= OP.OP_CHECKMULTISIGVERIFY) return this.stepSignature(opcode);
    const more = super.step();
    if (opcode === OP.OP_BIN2NUM && !this.isAfterGenesis() && this.stackTop().length > NUMBER_BYTES_MAX_BEFORE_GENESIS)
      this.scriptEvaluationError('A number is too large for a script before Genesis.');
    return more;
  }

  /** The SDK asks the era of the coin whether it may sign by the digest of Chronicle. The node asks that of the block, and so does the flag CHRONICLE. */
  override checkSignatureEncoding(signature: readonly number[]): boolean {
    const hashType = signature.at(-1) ?? 0;
    if ((hashType & SIGHASH_CHRONICLE) === 0 || !this.shouldEnforceStrictEncoding())
      return super.checkSignatureEncoding(signature);
    if (!this.hasFlag('CHRONICLE')) this.scriptEvaluationError('The hash type is one of Chronicle.');
    return super.checkSignatureEncoding([...signature.slice(0, -1), hashType & ~SIGHASH_CHRONICLE]);
  }

  override scriptEvaluationError(message: string): void {
    if (/memory usage has exceeded/.test(message)) throw new ScriptBudgetExceeded('too much memory');
    throw new ScriptFailed(message);
  }

  private skip(chunks: Script['chunks']): boolean {
    const next = this.programCounter + 1;
    const more = super.step();
    if (!this.returningFromConditional || this.ifStack.length > 0) return more;
    charge(this.budget, 'work', STEP_COST * (chunks.length - next));
    // No step comes to what is left, and there an OP_VERIF counts since Chronicle alone.
    this.metChronicle = true;
    if (!isBalanced(chunks, next, this.hasFlag('UTXO_AFTER_CHRONICLE')))
      this.scriptEvaluationError('What follows an OP_RETURN in a condition is not balanced.');
    return more;
  }

  private stepSignature(opcode: number): boolean {
    // What the SDK's step does around every opcode.
    this.executedOpCount++;
    if (opcode === OP.OP_CHECKSIG || opcode === OP.OP_CHECKSIGVERIFY)
      runCheckSig(this, this.check, opcode === OP.OP_CHECKSIGVERIFY);
    else runCheckMultisig(this, this.check, opcode === OP.OP_CHECKMULTISIGVERIFY);
    this.programCounter++;
    return true;
  }

  /** As the node counts for coins from before Genesis: script by script, skipped opcodes and the keys of a multisignature too. The SDK counts what it runs. */
  private countOpcode(opcode: number, isExecuted: boolean): void {
    if (this.programCounter === 0) this.opcodes = this.executedOpCount = 0;
    if (opcode > OP.OP_16) this.opcodes++;
    if (isExecuted && MULTISIGS.has(opcode)) this.opcodes += readSmallNumber(this.stack.at(-1)) ?? 0;
    if (this.opcodes > OPCODES_MAX_BEFORE_GENESIS)
      this.scriptEvaluationError('Too many opcodes for a script before Genesis.');
  }

  /** What no price is right for: numbers that make one opcode a computation of seconds. */
  private refuse(opcode: number): void {
    const top = this.stack.at(-1);
    const length = top?.length ?? 0;
    const isLarge = (each: readonly number[] | undefined): boolean => (each?.length ?? 0) > SCRIPT_NUMBER_BYTES_MAX;
    if (length > SCRIPT_NUMBER_BYTES_MAX && (INDEXED.has(opcode) || readsNumber(opcode)))
      throw new ScriptBudgetExceeded('a number is too large');
    if (readsNumber(opcode) && !INDEXED.has(opcode) && (isLarge(this.stack.at(-2)) || isLarge(this.stack.at(-3))))
      throw new ScriptBudgetExceeded('a number is too large');
    if (SHIFTS.has(opcode) && (readSmallNumber(top) ?? 0) > SCRIPT_SHIFT_BITS_MAX)
      throw new ScriptBudgetExceeded('a shift is too wide');
    // For a multisignature the number of keys bounds the number of checks.
    if (MULTISIGS.has(opcode) && (readSmallNumber(top) ?? 0) > this.budget.signatures)
      throw new ScriptBudgetExceeded('too many signature checks');
  }
}
