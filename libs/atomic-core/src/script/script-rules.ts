import { BEFORE_GENESIS, CHRONICLE, GENESIS } from '../spv/date-coins';

/**
 * B13, the policy, in every era and for versions 1 and 2 alike: the rules of the network and its rules against malleability (push-only unlocking scripts,
 * low S, clean stack, minimal pushes, null dummy, null fail). From version 2 on the network itself asks for none of these, so that any relay may change the
 * txid of such a transaction under way; what is applied here before it is mined must not be that easy to undo. Opcodes that stand for nothing yet are left
 * to upgrades, as by the node's memory pool: OP_NOP1, 9 and 10, the two lock-time opcodes that Genesis emptied, and those of Chronicle for older coins.
 * SIGHASH_FORKID is consensus; the SDK left to itself takes signatures without it.
 */
const STRICT_RULES = [
  ...['SIGHASH_FORKID', 'STRICTENC', 'DERSIG', 'LOW_S', 'NULLDUMMY', 'NULLFAIL', 'SIGPUSHONLY', 'CLEANSTACK'],
  ...['MINIMALDATA', 'DISCOURAGE_UPGRADABLE_NOPS'],
];

/** What one spend is judged by. */
export interface ScriptRules {
  /** BEFORE_GENESIS, GENESIS or CHRONICLE. */
  readonly era: number;
  readonly flags: readonly string[];
  /** How a refusal by them goes on. */
  readonly because: string;
}

/** The flags of the node's InputScriptVerifyFlags. The SDK takes GENESIS for a word about the coin, so it is not said of older ones. */
const flagsByEra: readonly (readonly [number, readonly string[], string])[] = [
  [CHRONICLE, ['GENESIS', 'UTXO_AFTER_GENESIS', 'UTXO_AFTER_CHRONICLE', ...STRICT_RULES], ''],
  [GENESIS, ['GENESIS', 'UTXO_AFTER_GENESIS', ...STRICT_RULES], ' by the rules for coins from before Chronicle'],
  [BEFORE_GENESIS, ['P2SH', ...STRICT_RULES], ' by the rules for coins from before Genesis'],
];
const UNDATED = '; its parent comes without a proof and may be that old';

/** The rule sets for a coin of these eras, newest first: it is spent when each of them says so. Never none. */
export const listRules = (coinEras: number | undefined, isChronicleNext: boolean): readonly ScriptRules[] => {
  const sets = flagsByEra.filter(([era]) => ((coinEras ?? 0) & era) !== 0);
  if (sets.length === 0) throw new Error('A coin of no era.');
  return sets.map(([era, flags, because]) => ({
    era,
    flags: isChronicleNext ? [...flags, 'CHRONICLE'] : flags,
    because: sets.length > 1 && because !== '' ? because + UNDATED : because,
  }));
};

/** The rules for a coin of today, in a block of today. */
export const SCRIPT_RULES: readonly string[] = (listRules(CHRONICLE, true)[0] as ScriptRules).flags;

/**
 * Part of the key of every remembered verdict. It MUST be raised with any change of what the scripts of a transaction are judged by: the rules above, what
 * a fast path takes, the interpreter, a lower budget, which eras a coin may be of.
 */
export const SCRIPT_RULES_VERSION = 4;
