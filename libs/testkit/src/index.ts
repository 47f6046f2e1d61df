export { DevWallet } from './wallet';
export { fundWalletFromDevnet, fundWalletOffChain } from './fund-wallet';
export { buildProvenTransaction } from './proven-transaction';
export type { ProvenOutput, ProvenTransaction } from './proven-transaction';
