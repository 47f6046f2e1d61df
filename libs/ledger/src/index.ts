export { listPlans, publishPlan } from './plans';
export type { PlanOrder, PublishedPlan, StoredPlan } from './plans';
export { creditUnserved, drawAlone, endService, listEntries, listUnserved, pruneUses, readAccount } from './accounts';
export type { AccountEntry, AccountStanding, Counter, DrawOutcome, Taken } from './accounts';
export type { Database } from './database';
export { commitTransition, commitTransitions } from './commit-transition';
export type { CommitOutcome } from './commit-transition';
export type {
  AccountDraw,
  CommitInput,
  CounterUse,
  ExposureBounds,
  CountedApproval,
  LedgerTransaction,
  OfferTaken,
  ProposalTaken,
  Reliance,
  OutboxMessage,
  PaymentKept,
  PaymentTaken,
  Receipt,
  Spend,
  TrustReliance,
} from './commit-input';
export { TREASURY_BASKET, tagOfPayee } from './commit-input';
export { SWEEP_LABEL } from './sql/treasury';
export { listPayments, readLiabilities, readTreasury } from './treasury';
export type { Liabilities, PaymentPage, TakenPayment, TreasuryBalance, TreasurySum } from './treasury';
export { claimPayment, isRequestPaid, keyOfPayment, keyOfRequest } from './claim-payment';
export type { PaymentClaimInput, PaymentClaimOutcome } from './claim-payment';
export { findReplay, findReplays, findTransition, listSettlementEvents } from './find-transition';
export type { KeyedRequest, SettlementStep, TransitionRecord } from './find-transition';
export { findCoins, findOutputsByKeys } from './find-outputs';
export type { TopicOutput } from './find-outputs';
export { findInventory, listBasketOutputs, listBaskets, listInventory } from './basket-outputs';
export type { BasketOutput, BasketPage, BasketSummary, InventoryLine } from './basket-outputs';
export { findBasketOutput } from './find-basket-output';
export { findReservation, releaseReservation, renewReservation, reserveOutputs } from './reservations';
export type { Reservation, ReservationRequest, ReservationState } from './reservations';
export { findOffer, listOffers, postOffer, relinquishOutput, withdrawOffer } from './offers';
export type { Actor, Offer, OfferPage, OfferState, OfferViewer, Relinquishment } from './offers';
export {
  approveProposal,
  expireProposals,
  hashStatement,
  proposeTransaction,
  withdrawApproval,
  withdrawProposal,
} from './proposal-acts';
export type { ProposalRequest, ProposedContent, SignedApproval } from './proposal-acts';
export {
  findProposal,
  findProposedContent,
  findSameProposal,
  isFullOfProposals,
  isProposalPaid,
  listProposals,
  stateApproval,
} from './proposals';
export type { ApprovalState, GivenApproval, Proposal, ProposalPage, ProposalState } from './proposals';
export { eraseDisclosures, findSpender, findSubjectKey, listCertificates, presentCertificate } from './certificates';
export type {
  Erasure,
  Presentation,
  PresentationOutcome,
  RevocationFinding,
  StoredCertificate,
  SubjectKey,
} from './certificates';
export { approveTrust, findTrustChange, listTrustChanges, proposeTrust, withdrawTrust } from './trust-changes';
export type { TrustChange, TrustChangePage, TrustContent, TrustProposal, TrustTerms } from './trust-changes';
export { exportTrust, listTrustPins, listTrustRules } from './trust-rules';
export type { TrustExport, TrustPin, TrustRule } from './trust-rules';
export {
  claimRevocations,
  findNamedSpend,
  findRevocation,
  listReliances,
  listRevokedReservations,
  listCertifiers,
  listOldestRevocations,
  measureRevocations,
  recordRevocation,
} from './revocations';
export type {
  HeldReservation,
  KnownRevocation,
  NamedSpend,
  ReliancePage,
  ReliedDecision,
  RevocationClaim,
  RevocationFigures,
  RevocationReport,
  SpendProof,
} from './revocations';
export {
  askCertification,
  beginRevocation,
  decideCertification,
  findCertification,
  findIssuedOutpoint,
  issueCertification,
  keepOutpoint,
  leaseCertification,
  listCertifications,
  releaseCertification,
} from './certifications';
export type { Certification, CertificationPage, CertificationQuestion, CertificationState } from './certifications';
export { keepKeySuccession, listKeySuccessions } from './key-successions';
export { keepGatewayCertificates, listRevokedOutpoints } from './gateway-certificates';
export type { GatewayCertificate } from './gateway-certificates';
export { findEventTip, listTopicEvents } from './topic-events';
export type { EventPage, SpentCoin, TopicEvent } from './topic-events';
export { findTopicState, listTopicStates } from './topic-states';
export type { TopicState } from './topic-states';
export { findOffChainValues, findTopicOutput, listTopicOutputs } from './topic-outputs';
export { listHistory, listReleasedHistory } from './list-history';
export type { ReleasePage } from './list-history';
export type { FoundOutput, OutputPage, StatedOutput } from './topic-outputs';
export { evictOutput } from './evict-output';
export type { Eviction, EvictionOutcome } from './evict-output';
export {
  advanceFeed,
  beginDelivery,
  claimFeed,
  deferFeed,
  findFeed,
  listFeeds,
  markFeed,
  openFeed,
  releaseFeed,
  resetFeed,
} from './event-feeds';
export type { EventFeed, FeedKind, FeedLease, FeedOpening, FeedState } from './event-feeds';
export { findAdmittances } from './find-admittances';
export { findTransaction, isNeededBySpender, listLives, listLivesEverywhere } from './output-lives';
export type { OutputLife, OutputName } from './output-lives';
export { beginRebuild, isBeingRebuilt, turnRebuild } from './rebuild-feed';
export { findConflict, findWinner } from './find-conflict';
export { findApplied, findReserved, listLeavingBaskets, listRivals } from './foresee-commit';
export { listSpends } from './list-spends';
export { retractRivals } from './retract-rivals';
export { findGraph, findGraphs, findTransactions } from './find-graph';
export { findAppliedTxids } from './find-applied-txids';
export { findHoldingTopics, listSpentTxids } from './find-holding-topics';
export { listScoredOutputs } from './list-scored-outputs';
export type { ScoredTopicOutput } from './list-scored-outputs';
export { claimGaspPeer, openGaspPeers, listGaspPeers, settleGaspPeer } from './gasp-peers';
export type { GaspLease, GaspPeer, GaspPeerOutcome } from './gasp-peers';
export { findOrCreateQuote, findQuote, pruneQuotes } from './quotes';
export type { Quote, QuoteRequest } from './quotes';
export {
  findPayment,
  findStrangerPrice,
  findHeldPayment,
  forgetPayment,
  holdPayment,
  openShownTerms,
  prefixOfShown,
  seePayment,
} from './shown-terms';
export type { HeldPayment, PaymentRecord, SeenPayment, ShownTermsRequest } from './shown-terms';
export { shareRates } from './rate-use';
export type { OthersUse, RateUse } from './rate-use';
export { claimNonce, claimNonces, findSession, listEndedSessions, openSession, pruneExpired } from './sessions';
export type { NonceClaim, NonceQuestion, Session, SessionOpening } from './sessions';
export {
  closeSetupLink,
  endPersonSession,
  endPersonSessions,
  findPersonSession,
  isPersonSessionOpen,
  openPersonSession,
  openSetupLink,
  prunePersonSessions,
  useSetupLink,
} from './people';
export type { PersonSession, PersonSessionOpening } from './people';
export {
  claimOutboxBatch,
  claimOutboxRow,
  completeOutboxRow,
  deferOutboxRow,
  hastenOutbox,
  hastenProofs,
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
export {
  closeWebhook,
  findWebhook,
  listDueWebhooks,
  listWebhookIds,
  measureWebhooks,
  openWebhook,
  readWebhook,
  resumeWebhook,
  stopWebhook,
} from './webhook-feeds';
export type { Webhook, WebhookOpening } from './webhook-feeds';
export { listSubjectKeysWrappedBy, rewrapSubjectKey } from './subject-keys';
export type { OwnedSubjectKey } from './subject-keys';
