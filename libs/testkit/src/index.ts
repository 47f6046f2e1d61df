export { DevWallet } from './wallet';
export { fundWalletFromDevnet, fundWalletOffChain } from './fund-wallet';
export { buildProvenTransaction } from './proven-transaction';
export type { ProvenOutput, ProvenTransaction } from './proven-transaction';
export {
  act,
  createAnchor,
  issueDocument,
  lockDocument,
  retireDocument,
  signDocument,
  transferDocument,
} from './documents';
export type { DocumentContent, DocumentToken } from './documents';
export { createTestDatabase } from './postgres';
export type { TestDatabase } from './postgres';
