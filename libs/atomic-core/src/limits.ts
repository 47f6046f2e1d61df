/**
 * Every budget of the core: a number, its unit, its reason. Each one bounds what one stranger's bytes may cost before anything about them is known
 * to be true. Honest traffic measured on mainnet stays one or two orders of magnitude below each of them.
 */

/** bytes: the widest body a submission route takes; the body limit of the door is the same number. */
export const BEEF_BYTES_MAX = 4 * 1024 * 1024;

/** BUMPs: one for each proven transaction. A consolidation of proven coins needs one a parent, and our verifier is linear, so fewer would only refuse honest payers. */
export const BEEF_BUMPS_MAX = 1_000;

/** transactions in a line of spends: ancestry deeper than this belongs to a sender who should wait for a block. @bsv/sdk overflows its stack between 5,000 and 20,000. */
export const BEEF_DEPTH_MAX = 1_000;

/** transactions: the subject over as many proven parents as there may be BUMPs. */
export const BEEF_TRANSACTIONS_MAX = BEEF_BUMPS_MAX + 1;

/** transactions in the graph that the ledger loads for one of them: a submission brings at most half as many; a reorg that takes proofs away makes graphs grow into each other. */
export const GRAPH_TRANSACTIONS_MAX = 2 * BEEF_TRANSACTIONS_MAX;

/** nodes at one level of one BUMP: @bsv/sdk needs 52 s for 2,048 leaves, the linear fold here some milliseconds. */
export const BUMP_LEVEL_NODES_MAX = 2_048;

/** levels: offsets stay below 2^31, where 32-bit shifts (this runtime's and those of other verifiers) are still right. A real block has fewer than 30. */
export const BUMP_HEIGHT_MAX = 31;

/** blocks: heights stay below 2^31 for the same reason. */
export const BLOCK_HEIGHT_MAX = 2 ** 31 - 1;

/** inputs of one transaction: at 4,000 @bsv/sdk takes 288 ms and 38 MB before the first script. */
export const TRANSACTION_INPUTS_MAX = 2_000;

/** outputs of one transaction: as inputs. It also bounds every vout. */
export const TRANSACTION_OUTPUTS_MAX = 2_000;

/** bytes: a transaction of exactly this size can be read as an inner node of a Merkle tree (CVE-2017-12842), so none is taken. */
export const AMBIGUOUS_LEAF_BYTES = 64;

/** blocks: consensus. A coinbase output may be spent by the hundredth block after its own. */
export const COINBASE_MATURITY_BLOCKS = 100;

/** The threshold below which nLockTime is a block height and from which it is unix seconds: consensus. */
export const LOCK_TIME_SECONDS_MIN = 500_000_000;

/** bytes of stack, and the same of alt stack, for one input: what the interpreter may hold at once. It keeps bytes as numbers: 8 MB here are 300 MB resident. */
export const SCRIPT_MEMORY_BYTES_MAX = 1024 * 1024;

/** opcodes over all interpreted scripts of one BEEF, counted before a script is parsed: each becomes an object. Contracts of 100,000 opcodes are in use. */
export const SCRIPT_OPCODES_MAX = 150_000;

/** bytes: an arithmetic operand. The node's default policy (maxscriptnumlengthpolicy); bigger ones make one opcode a computation of seconds. */
export const SCRIPT_NUMBER_BYTES_MAX = 10_000;

/** bits: a numeric shift. `1 << 2^30` is one opcode and 128 MB. */
export const SCRIPT_SHIFT_BITS_MAX = SCRIPT_NUMBER_BYTES_MAX * 8;

/** nanoseconds, about, of a core of today that the opcodes of all interpreted scripts of one BEEF may take: each has its price (measure-opcode.ts). */
export const SCRIPT_WORK_MAX = 40_000_000;

/** signature checks over all interpreted scripts of one BEEF: `2DUP CHECKSIGVERIFY` is one for two bytes. Those of the fast paths are bounded by the bytes that they take. */
export const SCRIPT_SIGNATURES_MAX = 1_000;

/** bytes hashed for signatures over all interpreted scripts of one BEEF: many digests of one large script, or transaction, are the quadratic case. */
export const SCRIPT_SIGNED_BYTES_MAX = 16 * 1024 * 1024;

/** Topics of one submission: each is asked, and each asks the database once. */
export const SUBMISSION_TOPICS_MAX = 16;

/** Submissions of one batch: their verdicts are one answer, which is signed as a whole. */
export const BATCH_SUBMISSIONS_MAX = 1_000;

/** Batches that one process works on at once, and those of one organisation: each holds its verified graphs. */
export const BATCHES_MAX = 4;
export const BATCHES_OF_ONE_MAX = 2;

/** seconds: what has not begun by then is told to come back. A connection on which nothing moves is closed after sixty. */
export const BATCH_SECONDS_MAX = 40;

/** bytes of BEEF whose verified graphs a batch keeps until they are committed; what is beyond is verified again in its turn. */
export const BATCH_KEPT_BYTES_MAX = 8 * 1024 * 1024;

/** COMMITs of one group: PostgreSQL keeps 64 subtransactions of one transaction at hand. */
export const GROUP_COMMITS_MAX = 50;

/** rows that one group writes, and bytes of its transactions: a group owns the ledger for as long as it takes. */
export const GROUP_ROWS_MAX = 4_000;
export const GROUP_BYTES_MAX = 4 * 1024 * 1024;

/** rows: whoever writes more goes alone, so that its neighbours do not wait for it while it owns the ledger. A tenth of a second and less. */
export const GROUP_ROWS_OF_ONE_MAX = 500;

/** Submissions that wait in one line of a process for their COMMIT, and bytes of their transactions; one organisation may take half of either. */
export const COMMIT_LINE_MAX = 512;
export const COMMIT_LINE_BYTES_MAX = 64 * 1024 * 1024;

/** ms: whoever waits longer for a COMMIT to begin is told to come back. As long as one waits for a connection to the database. */
export const COMMIT_PATIENCE_MS = 5_000;

/** Bytes of an Idempotency-Key: an index entry, and longer than any UUID or hash. */
export const IDEMPOTENCY_KEY_BYTES_MAX = 255;

/** Seconds that a caller may ask to wait for the network (RFC 7240): beyond it, proxies give up first. */
export const WAIT_SECONDS_MAX = 30;
/** Callers that may wait at once in one process, and those of one organisation: each asks the database twice a second. */
export const WAITERS_MAX = 256;
export const WAITERS_OF_ONE_MAX = 64;

/** Bytes of a basket name (BRC-46). */
export const BASKET_NAME_BYTES_MAX = 300;

/** Tags of one output, labels of one transaction: each is an index entry. */
export const BASKET_TAGS_MAX = 64;

/** Bytes of the custom instructions of one output: what its spender needs to know, not a document. */
export const CUSTOM_INSTRUCTIONS_BYTES_MAX = 4_096;

/** Units that one output may stand for; sums of a basket stay exact in JavaScript. */
export const BASKET_QUANTITY_MAX = 1_000_000_000;

/** Outputs that one reservation may hold. */
export const RESERVATION_OUTPUTS_MAX = 1_000;

/** Offers in one page of them. */
export const OFFERS_MAX = 100;

/** Bytes of off-chain values: they are kept with the submission and given to every topic and lookup service again. */
export const OFF_CHAIN_BYTES_MAX = 1024 * 1024;

/** Transitions in one page of a topic's events. */
export const TOPIC_EVENTS_MAX = 1_000;

/** Bytes of a lookup key: it is an index entry; longer ones belong into the output itself. Room for an identity key (66), a kind and a name of 64. */
export const LOOKUP_KEY_BYTES_MAX = 160;

/** Lookup keys that one output may cost. */
export const LOOKUP_KEYS_MAX = 8;

/** Fields of a PushDrop output: more than any token has; bounds the walk. */
export const PUSH_DROP_FIELDS_MAX = 64;

/** Outputs in one answer to a lookup or of a basket: each lookup output carries its BEEF. */
export const LOOKUP_OUTPUTS_MAX = 50;
/** Bytes of BEEF after which an answer takes no further output: as JSON numbers each costs twelve, and the outputs are strangers' to make bulky. */
export const LOOKUP_BEEF_BYTES_MAX = 4 * 1024 * 1024;
/** Earlier outputs that the history of one answered output may reach back to: a service may ask for all of a chain that its makers never end. */
export const LOOKUP_HISTORY_OUTPUTS_MAX = 1_000;
export const BASKET_OUTPUTS_MAX = 1_000;

/** Outputs in one page that a GASP host asks for or is given: the page of `@bsv/overlay`, whose client takes a shorter one for the last. */
export const GASP_PAGE_MAX = 10_000;

/** Transactions of one foreign graph, and of the ancestry of one output of ours that a host may walk: a longer history is not taken by GASP. */
export const GASP_GRAPH_TRANSACTIONS_MAX = 5_000;

/** Bytes of the transactions and proofs of one foreign graph, which is held in memory until it is judged. */
export const GASP_GRAPH_BYTES_MAX = 16 * 1024 * 1024;

/** bytes of the name of a certificate's field: BRC-52 allows fewer than 50. */
export const CERTIFICATE_FIELD_NAME_BYTES_MAX = 49;

/** Fields of one certificate: an identity has a name, an address and some numbers; ten times that are left. */
export const CERTIFICATE_FIELDS_MAX = 64;

/** bytes of one encrypted field: a page of text. A picture is referred to, not carried (UHRP). */
export const CERTIFICATE_FIELD_BYTES_MAX = 8_192;

/** bytes of all encrypted fields of one certificate: they are hashed before its signature is known to be true. */
export const CERTIFICATE_BYTES_MAX = 32_768;

/** Certificates of one message: each costs a signature and two multiplications a field. */
export const CERTIFICATES_MAX = 16;

/** Changes of keys that the certificates of one key live through: one a month in a year. Each costs whoever follows a signature. */
export const KEY_SUCCESSIONS_MAX = 12;

/** Rules of one trust bundle: each costs a signature. An organisation has a certifier or two and some types. */
export const TRUST_BUNDLE_RULES_MAX = 64;

/** days that a bundle may last. It is renewed before, so a certifier that its organisation has dropped is trusted elsewhere for a year at most. */
export const TRUST_BUNDLE_DAYS_MAX = 400;

/** bytes of BEEF of one proposal: it is kept until the proposal ends. */
export const PROPOSAL_BEEF_BYTES_MAX = 1024 * 1024;

/** bytes: that BEEF in base64, and half as much for what goes into baskets: it is kept while the proposal is open. */
export const PROPOSAL_BODY_BYTES_MAX = 2 * 1024 * 1024;

/** Proposals of one organisation that wait at once: with their BEEFs, some hundred megabytes. */
export const PROPOSALS_OPEN_MAX = 100;

/** Organisations that one proposal may ask. */
export const PROPOSAL_PARTIES_MAX = 16;

/** Approvals of one organisation for one proposal that stand at once: they count as one, and more of them are only work for whoever counts. */
export const PROPOSAL_APPROVALS_OF_ONE_MAX = 4;

/** How often one identity may agree to one proposal again, after it took that back or it was stopped: each time is a leaf of the audit. */
export const PROPOSAL_ROUNDS_MAX = 16;

/** days that a proposal may wait. */
export const PROPOSAL_DAYS_MAX = 90;

/** Proposals in one page of them. */
export const PROPOSALS_MAX = 100;

/** Characters of the name of a step, as policies have them. */
export const STEP_CHARACTERS_MAX = 128;
