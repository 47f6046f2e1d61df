export { DevWallet } from './wallet';
export { CertificateWallet, TestCertifier, makeCertificateType } from './certificate-wallet';
export { fundWalletFromDevnet, fundWalletOffChain } from './fund-wallet';
export { buildProvenTransaction } from './proven-transaction';
export type { ProvenOutput, ProvenTransaction } from './proven-transaction';
export {
  act,
  createAnchor,
  findHolderKey,
  issueDocument,
  lockDocument,
  retireDocument,
  signDocument,
  transferDocument,
} from './documents';
export type { DocumentContent, DocumentToken } from './documents';
export { GOOD_AS_OF, presentPlainCertificate } from './present-certificate';
export type { PresentedCertificate } from './present-certificate';
export { interceptStatements } from './intercept-statements';
export { waitUntil } from './wait-until';
export { createTestDatabase } from './postgres';
export type { TestDatabase } from './postgres';
export {
  NULL_TXID,
  OP_TRUE,
  buildAtomicBeef,
  buildBeefV1,
  buildBeefV2,
  buildBlock,
  buildCoinbase,
  buildFunding,
  buildTransaction,
  uint,
  varint,
} from './beef-builder';
export type {
  BeefEntry,
  BuiltBlock,
  BuiltTransaction,
  InputSketch,
  OutputSketch,
  TransactionSketch,
} from './beef-builder';
export { buildGraph } from './build-graph';
export { dateGraph } from './date-graph';
export { drawFrom } from './draw';
export { LOCK_KINDS, drawLock, lockMultisig, push } from './draw-lock';
export type { Draw } from './draw';
export type { DrawnLock, LockKind } from './draw-lock';
export { drawSpend, signSpend } from './draw-spend';
export { findAcceptedDamage, flipBit, judgeBeef, verdictOf } from './judge-beef';
export type { RootOracle } from './judge-beef';
export { buildPlainTransaction, outpointOf, planPlainCommit, randomOutpoint } from './ledger-plans';
export type { PlainPlan, PlainTransaction } from './ledger-plans';
export { plainBump, plantBlock } from './ledger-blocks';
export type { PlainBlock } from './ledger-blocks';
export { fillLedger } from './fill-ledger';
export { plantBreach } from './plant-breach';
export { planPlainProposal } from './plan-proposal';
export type { PlainProposal } from './plan-proposal';
export { planSpend, planStock } from './plan-spend';
export type { Kept } from './plan-spend';
export { openAgeingLedger } from './measure-growth';
export type { AgeingLedger, Works } from './measure-growth';
export {
  TRUST_MEMBERS,
  TRUST_PIN,
  makeTrustOrganisation,
  planBundledRule,
  planTrust,
  planTrustImport,
  planTrustRule,
  trustActor,
} from './trust-plans';
export { VaultServer } from './vault-server';
export { describeSoftToken } from './soft-token';
export { plainPayer, planPlainClaim, planPlainDraw, planPlainUse, topUpPlainly } from './plan-account';
export type { PlainBought, PlainClaim, PlainPayer } from './plan-account';
