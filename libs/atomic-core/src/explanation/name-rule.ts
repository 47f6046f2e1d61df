import type { RejectionCode } from '../rejection';

/**
 * What a refusal is called where the protocols are written down: a BRC, a BIP, a CVE, or the consensus of the network. For people who ask why; a program
 * decides by the code.
 */
const RULES: Partial<Record<RejectionCode, string>> = {
  'beef-malformed': 'BRC-62, BRC-95, BRC-96: BEEF begins with its version',
  'beef-truncated': 'BRC-62: every count and length is held against the bytes that are there',
  'beef-trailing-bytes': 'BRC-62: a BEEF ends with its last transaction',
  'beef-not-canonical': 'BRC-62, BRC-74: one BEEF has one encoding, shortest integers included',
  'beef-limit-exceeded': 'gateway limit: what one BEEF may cost',
  'beef-txid-only': 'BRC-96: a transaction id stands only for what the receiver is known to have',
  'beef-duplicate-transaction': 'BRC-62: each transaction once',
  'beef-order-invalid': 'BRC-62: parents before children',
  'beef-parent-missing': 'BRC-62: a transaction has a BUMP or all of its parents',
  'beef-subject-missing': 'BRC-95: the subject is in the BEEF',
  'beef-unrelated-transaction': 'BRC-95: the subject and its ancestors, nothing else',
  'bump-malformed': 'BRC-74: a BUMP is one Merkle tree with one root',
  'bump-transaction-missing': 'BRC-74: a BUMP holds the transaction that it proves',
  'proof-root-invalid': 'BRC-67: the Merkle root is that of the block at this height',
  'transaction-malformed': 'consensus: serialisation of a transaction',
  'transaction-input-missing': 'consensus: a transaction has an input',
  'transaction-output-missing': 'consensus: a transaction has an output',
  'transaction-output-unknown': 'consensus: an input spends an output that exists',
  'transaction-value-invalid': 'consensus: 0 to 21e14 satoshis',
  'transaction-inflates': 'consensus: value conservation',
  'transaction-double-spend': 'consensus: one spender for each output',
  'transaction-not-final': 'consensus: finality (BIP 113)',
  'transaction-leaf-ambiguous': 'CVE-2017-12842: no transaction of 64 bytes',
  'transaction-script-failed': 'consensus: unlocking and locking script together leave true',
  'transaction-script-limit': 'gateway limit: what scripts may cost',
  'transaction-version-unsupported': 'gateway policy: versions 1 and 2',
  'coinbase-immature': 'consensus: a coinbase is spent from the hundredth block on',
  'topic-refused': 'BRC-22: the rules of the topic',
  'topic-failed': 'BRC-22: a topic judges every transaction',
  'basket-name-invalid': 'BRC-46: names of baskets',
  'basket-output-unknown': 'BRC-46: a basket keeps what was admitted',
  'outpoint-spent': 'consensus: one spender for each output, the ledger included',
  'parent-retracted': 'settlement: nothing stands on what the network refused',
  'already-applied': 'BRC-22: a topic takes a transaction once',
};

/** Undefined where the refusal is about a request and not about a transaction. */
export const nameRule = (code: RejectionCode): string | undefined => RULES[code];
