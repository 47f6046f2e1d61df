export {
  SATOSHIS_MAX,
  computeTxid,
  isTxid,
  makeOutpoint,
  printOutpoint,
  readOutpoint,
  sha256,
  sha256d,
  txidFromWire,
  txidToWire,
} from './bytes';
export type { Outpoint, Satoshis, Txid } from './bytes';
export { CRYPTO_KINDS, listCryptoFaults, liveCrypto, openCrypto } from './crypto/open-crypto';
export type { CryptoFault } from './crypto/open-crypto';
export type { CryptoBackend, CryptoKind, SignatureBatch } from './crypto/crypto-backend';
export { accept, reject, rejections } from './rejection';
export type { NextStep, Rejection, RejectionCode, RejectionPlace, Result } from './rejection';
export type { Transaction, TransactionInput, TransactionOutput } from './beef/transaction';
export type { Bump, GraphTransaction, VerifiedBeef, VerifiedTransaction } from './spv/verified-transaction';
export type {
  AdmittedOutput,
  Admittance,
  Coin,
  LookupService,
  TopicManager,
  TopicName,
  TopicVerdict,
} from './transition/topic-manager';
export { settlements } from './settlement/settlement';
export type { Settlement } from './settlement/settlement';
export { nextSettlement, settlementEvents } from './settlement/next-settlement';
export type { SettlementEvent } from './settlement/next-settlement';
export { decodeLeaf, encodeLeaf, hashState } from './audit/encode-leaf';
export type { AuditDecision, AuditLeaf } from './audit/encode-leaf';
export { isLookupName, isTopicName, readBasketName } from './transition/names';
export { listPlanFacts, planTransition } from './transition/plan-transition';
export type {
  PlannedBasketOutput,
  PlannedOutput,
  PlannedTopic,
  Steak,
  TopicQuestion,
  TransitionPlan,
  TransitionQuestion,
} from './transition/plan-transition';
export { readPushDrop } from './transition/read-push-drop';
export type { PushDrop } from './transition/read-push-drop';
export { verifyOpenSignature } from './transition/verify-open-signature';
export type { OpenSignature } from './transition/verify-open-signature';
export { isIdentityKey, openGatewayKeys } from './identity/gateway-keys';
export type { GatewayKeys, MessageKey, NoncePurpose } from './identity/gateway-keys';
export { AUTH_VERSION, findSingleHeader, readAuthHeaders, readBase64 } from './identity/auth-headers';
export type { AuthHeaders } from './identity/auth-headers';
export { writeRequestPayload, writeResponsePayload } from './identity/payload';
export type { SignedRequest, SignedResponse } from './identity/payload';
export { signResponse, verifyRequest } from './identity/verify-request';
export type { AnswerContext, AuthSession } from './identity/verify-request';
export { listInitialResponseHeaders, readInitialRequest, writeInitialResponse } from './identity/handshake';
export type { InitialRequest, InitialResponse } from './identity/handshake';
export { requestDigest } from './payment/request-digest';
export type { RequestMeaning } from './payment/request-digest';
export { findPrice } from './payment/find-price';
export type { PriceRow } from './payment/find-price';
export { readPayment } from './payment/read-payment';
export type { PaymentMessage } from './payment/read-payment';
export { checkPayment } from './payment/check-payment';
export type { CheckedPayment, PaymentTerms } from './payment/check-payment';
export * as limits from './limits';
export type { BeefGraph } from './beef/beef-graph';
export { INPUT_ROW } from './beef/beef-tape';
export type { BeefTape } from './beef/beef-tape';
export { readBeef } from './beef/read-beef';
export type { ReadBeef } from './beef/read-beef';
export { readExtendedFormat } from './beef/read-ef';
export { readTransaction } from './beef/read-transaction';
export { scanBeef } from './beef/scan-beef';
export type { ScannedBeef } from './beef/scan-beef';
export { writeAtomicBeef } from './beef/write-beef';
export { writeExtendedFormat } from './beef/write-ef';
export { BEFORE_GENESIS, CHRONICLE, GENESIS } from './spv/date-coins';
export { findProven } from './spv/find-proven';
export { listRoots } from './spv/list-roots';
export { listUnproven } from './spv/list-unproven';
export { openSubject, openVerified } from './spv/open-verified';
export { verifyAncestry } from './spv/verify-ancestry';
export type { AncestryContext, AncestryVerifiedBeef } from './spv/verify-ancestry';
export { verifyBump } from './spv/verify-bump';
export { listScriptInputs, verifyInputsFast, verifyScripts } from './script/verify-scripts';
export type { ScriptKnowledge } from './script/verify-scripts';
export { SCRIPT_RULES_VERSION, listRules } from './script/script-rules';
export { judgeInput, sighash } from './script/judge-input';
export { HEADER_BYTES, readHeader, writeHeader } from './header/block-header';
export type { BlockHeader, HeaderFields } from './header/block-header';
export { bitsOf, targetOf, workOf } from './header/compact-bits';
export { networkParams } from './header/network-params';
export type { NetworkName, NetworkParams } from './header/network-params';
export { historyNeeded, medianTimePast, nextWorkRequired } from './header/next-work-required';
export type { ChainedHeader, HeaderHistory } from './header/next-work-required';
export { checkProofOfWork, judgeHeader, judgeRootHeader } from './header/judge-header';
export type { AcceptedHeader, HeaderFault, HeaderVerdict } from './header/judge-header';
export { accountScripts, listAccounts } from './explanation/account-scripts';
export { explainTransaction } from './explanation/explain-transaction';
export type { TransactionExplanation } from './explanation/explain-transaction';
export { explainAcceptance, explainRefusal } from './explanation/explain-verdict';
export type { RefusalFacts } from './explanation/explain-verdict';
export type {
  Explanation,
  PlanExplanation,
  RefusalExplanation,
  ScriptAccount,
  VerdictStage,
} from './explanation/explanation';
export { locateTransaction } from './explanation/locate-transaction';
export type { RefusedPlace } from './explanation/locate-transaction';
