export type { Database } from './database';
export { commitTransition, commitTransitions } from './commit-transition';
export type { CommitOutcome } from './commit-transition';
export type { CommitInput, LedgerTransaction, OutboxMessage, PaymentTaken, Receipt, Spend } from './commit-input';
export { claimPayment, isRequestPaid } from './claim-payment';
export type { PaymentClaimInput, PaymentClaimOutcome } from './claim-payment';
export { findReplay, findReplays, findTransition, listSettlementEvents } from './find-transition';
export type { KeyedRequest, SettlementStep, TransitionRecord } from './find-transition';
export { findCoins, findOutputsByKeys, listBasketOutputs } from './find-outputs';
export type { BasketPage, TopicOutput } from './find-outputs';
export { findConflict, findWinner } from './find-conflict';
export { findApplied, listLeavingBaskets, listRivals } from './foresee-commit';
export { listSpends } from './list-spends';
export { retractRivals } from './retract-rivals';
export { findGraph } from './find-graph';
export { findOrCreateQuote, findQuote, pruneQuotes } from './quotes';
export type { Quote, QuoteRequest } from './quotes';
export { claimNonce, findSession, openSession, pruneExpired } from './sessions';
export type { Session, SessionOpening } from './sessions';
export {
  claimOutboxBatch,
  claimOutboxRow,
  completeOutboxRow,
  deferOutboxRow,
  hastenOutbox,
  listDueOutboxRows,
  measureOutbox,
  parkOutboxRow,
} from './outbox';
export type { Lease, OutboxRow } from './outbox';
export type { OutboxState } from './entities/outbox-row';
export { applyProof, finalise, recordSettlement, rewindBlocks } from './settlement';
export type { Proof, ProofOutcome, SettlementDetail } from './settlement';
export { retractTransition } from './retract-transition';
export { findScriptVerdicts, pruneScriptVerdicts, recordScriptVerdicts } from './script-verdicts';
export { fsck } from './fsck';
export type { FsckFinding } from './fsck';
export { entities } from './entities';
export { migrations, schemaVersion } from './migrations';
export { insertHeaders } from './headers';
export type { HeaderBatch, HeaderInsertion, StoredFault } from './headers';
export {
  findChainView,
  findHeader,
  findHeadersAt,
  findHeaderTip,
  findLowestHeight,
  findTipHash,
  listContestedRoots,
} from './headers-find';
export type { ChainView, HeaderTip, StoredHeader } from './headers-find';
