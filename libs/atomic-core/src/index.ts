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
export {
  CRYPTO_KINDS,
  chooseThreadCrypto,
  listCryptoFaults,
  liveCrypto,
  openCrypto,
  useThreadCrypto,
} from './crypto/open-crypto';
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
  SubmissionContext,
  SubmissionMode,
  TopicManager,
  TopicName,
  TopicVerdict,
} from './transition/topic-manager';
export { submissionModes } from './transition/topic-manager';
export { readPlacement, readTag, readTags } from './transition/basket-placement';
export type { BasketPlacement, ReadPlacement } from './transition/basket-placement';
export { checkExchange } from './transition/check-exchange';
export type { Exchange } from './transition/check-exchange';
export { digestOffer } from './transition/offer-terms';
export type { OfferTerms } from './transition/offer-terms';
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
export { EMPTY_TOPIC_DIGEST, digestTopic, printTopicDigest } from './transition/digest-topic';
export type { HeldOutput } from './transition/digest-topic';
export { readPushDrop } from './transition/read-push-drop';
export type { PushDrop } from './transition/read-push-drop';
export { deriveOpenKey, verifyOpenSignature } from './transition/verify-open-signature';
export type { OpenSignature } from './transition/verify-open-signature';
export { isIdentityKey, openGatewayKeys, openSubjectKeys } from './identity/gateway-keys';
export type { GatewayKeys, MessageKey, SubjectKeyOwner } from './identity/gateway-keys';
export { seal, unseal, VECTOR_BYTES } from './crypto/symmetric';
export { deriveRelaySecrets } from './identity/relay-secrets';
export type { RelaySecrets } from './identity/relay-secrets';
export { openWalletKeys } from './identity/wallet-keys';
export type { WalletKeyName, WalletKeys } from './identity/wallet-keys';
export type { Certificate, CertificateRule, PresentedCertificate } from './certificate/certificate';
export { decryptFields } from './certificate/decrypt-fields';
export { printRevocationOutpoint, readCertificate } from './certificate/read-certificate';
export { hashDisclosure, openDisclosure, sealDisclosure } from './certificate/seal-disclosure';
export type { DisclosureOwner } from './certificate/seal-disclosure';
export { hashCertificate, isSignedByCertifier, verifyCertificate } from './certificate/verify-certificate';
export type { CertificateQuestion, VerifiedCertificate } from './certificate/verify-certificate';
export { openOwnCertificate, readOwnCertificate, showCertificate } from './certificate/show-certificate';
export type { OwnCertificate, ShownCertificate } from './certificate/show-certificate';
export { readSigningRequest } from './certificate/read-signing-request';
export type { SigningRequest } from './certificate/read-signing-request';
export {
  decryptRequest,
  isNonceOf,
  makeSerialNumber,
  makeServerNonce,
  signCertificate,
} from './certificate/issue-certificate';
export type { CertificateDraft } from './certificate/issue-certificate';
export { writeCertificate, writeSignedBytes } from './certificate/write-certificate';
export { writeKeySuccession, writeSuccessionJson } from './certificate/key-succession';
export type { KeySuccession, SignedKeySuccession } from './certificate/key-succession';
export type { RevocationStatus, SignedRevocationStatus } from './certificate/revocation-status';
export { verifyRevocationStatus, writeRevocationStatus, writeStatusJson } from './certificate/verify-revocation-status';
export type { StatusQuestion } from './certificate/verify-revocation-status';
export { BUNDLE_PROTOCOL, ENDORSEMENT_PROTOCOL, TRUST_KEY_ID } from './trust/trust-bundle';
export type { BundledRule, SignedTrustBundle, TrustBundle } from './trust/trust-bundle';
export {
  isCertificateType,
  isFieldList,
  isMoment,
  isOrganisationName,
  readTrustBundle,
} from './trust/read-trust-bundle';
export { isEndorsed, verifyTrustBundle } from './trust/verify-trust-bundle';
export type { EndorsementQuestion, VerifiedTrustBundle } from './trust/verify-trust-bundle';
export { writeCanonicalJson } from './trust/write-canonical-json';
export { writeBundleJson, writeEndorsement, writeTrustBundle } from './trust/write-trust-bundle';
export {
  APPROVAL_PROTOCOL,
  digestProposal,
  verifyApproval,
  writeApproval,
  writeApprovalJson,
} from './proposal/approval-statement';
export type { ApprovalStatement, ProposalTerms } from './proposal/approval-statement';
export { countQuorum } from './proposal/count-quorum';
export type { Quorum, QuorumTerms, StandingApproval } from './proposal/count-quorum';
export { AUTH_VERSION, findSingleHeader, readAuthHeaders, readBase64 } from './identity/auth-headers';
export type { AuthHeaders } from './identity/auth-headers';
export { writeRequestPayload, writeResponsePayload } from './identity/payload';
export type { SignedRequest, SignedResponse } from './identity/payload';
export { signResponse, verifyRequest, verifySessionNonce } from './identity/verify-request';
export type { AnswerContext, AuthSession, InSession } from './identity/verify-request';
export { verifyExchangeMessage, writeCertificateResponse } from './identity/certificate-messages';
export type {
  CertificateResponse,
  ExchangeMessage,
  RequestedCertificates,
  WantedCertificates,
} from './identity/certificate-messages';
export { listInitialResponseHeaders, readAuthMessage, writeInitialResponse } from './identity/handshake';
export type { AuthMessage, InitialRequest, InitialResponse } from './identity/handshake';
export { requestDigest } from './payment/request-digest';
export type { RequestMeaning } from './payment/request-digest';
export { chargeRequest, findPlan, listPlanCounters, settleMeter } from './payment/plan';
export type {
  Charge,
  Customer,
  Measured,
  Meter,
  MeteredCharge,
  Period,
  PeriodBounds,
  Plan,
  PlanCounter,
  PlanRoute,
  PlanUse,
  PricedRequest,
  RoutePrice,
  Tier,
} from './payment/plan';
export { findPattern, findPrice } from './payment/find-price';
export type { PriceRow } from './payment/find-price';
export { readPayment } from './payment/read-payment';
export type { PaymentMessage } from './payment/read-payment';
export { readSimplePayment } from './payment/read-simple-payment';
export type { SimplePaymentHeaders } from './payment/read-simple-payment';
export { openX402Header, readX402Payment, readX402Requirements } from './payment/read-x402-payment';
export type { X402Payment, X402Requirements } from './payment/read-x402-payment';
export type { ShownPayment, StrangerDialect } from './payment/shown-payment';
export { readPaymentParts } from './payment/read-multipart';
export type { PaymentParts } from './payment/read-multipart';
export { checkPayment } from './payment/check-payment';
export type { CheckedPayment, PaymentTerms } from './payment/check-payment';
export { readInstructions, writeInstructions } from './payment/payment-derivation';
export type { PaymentDerivation } from './payment/payment-derivation';
export { readAddress } from './payment/read-address';
export { writePublicKeyHashScript } from './payment/public-key-hash-script';
export { measureSpendFee, spendPayments } from './payment/spend-payments';
export type { InputSignature, PaidCoin, SignedSpend, SpendOrder } from './payment/spend-payments';
export * as limits from './limits';
export type { BeefGraph } from './beef/beef-graph';
export { INPUT_ROW } from './beef/beef-tape';
export type { BeefTape } from './beef/beef-tape';
export { mergeBeefs } from './beef/merge-beefs';
export { readBeef } from './beef/read-beef';
export type { ReadBeef } from './beef/read-beef';
export { readExtendedFormat } from './beef/read-ef';
export { readTransaction } from './beef/read-transaction';
export { scanBeef } from './beef/scan-beef';
export type { ScannedBeef } from './beef/scan-beef';
export { writeAtomicBeef, writeBeef } from './beef/write-beef';
export { writeExtendedFormat } from './beef/write-ef';
export { BEFORE_GENESIS, CHRONICLE, GENESIS } from './spv/date-coins';
export { findProven } from './spv/find-proven';
export { listRoots } from './spv/list-roots';
export { listUnproven } from './spv/list-unproven';
export { openSubject, openVerified } from './spv/open-verified';
export { verifyAncestry } from './spv/verify-ancestry';
export type { AncestryContext, AncestryVerifiedBeef } from './spv/verify-ancestry';
export { verifyBump } from './spv/verify-bump';
export { writeBranch } from './spv/write-branch';
export type { MerkleBranch } from './spv/write-branch';
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
