/**
 * B13, the policy: the rules of the network as they are since Chronicle, and for versions 1 and 2 alike its rules against malleability (push-only unlocking
 * scripts, low S, clean stack, minimal pushes, null dummy, null fail). From version 2 on the network itself asks for none of these, so that any relay may
 * change the txid of such a transaction under way; what is applied here before it is mined must not be that easy to undo. SIGHASH_FORKID is consensus;
 * the SDK left to itself takes signatures without it.
 */
export const SCRIPT_RULES: readonly string[] = [
  ...['GENESIS', 'UTXO_AFTER_GENESIS', 'UTXO_AFTER_CHRONICLE', 'SIGHASH_FORKID', 'STRICTENC', 'DERSIG'],
  ...['LOW_S', 'NULLDUMMY', 'NULLFAIL', 'SIGPUSHONLY', 'CLEANSTACK', 'MINIMALDATA'],
];

/**
 * Part of the key of every remembered verdict. It MUST be raised with any change of what the scripts of a transaction are judged by: the rules above, what
 * a fast path takes, the interpreter, a lower budget.
 */
export const SCRIPT_RULES_VERSION = 2;
