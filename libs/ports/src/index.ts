export type { BroadcastOutcome, BroadcastStatus, Broadcaster } from './broadcaster';
export type { ChainTip, ChainTracker, RootQuestion, RootVerdict } from './chain-tracker';
export type { Clock } from './clock';
export type { HeaderSource } from './header-source';
export type { HttpClient, OutboundAnswer, OutboundRequest } from './http-client';
export type { KeyStore, RelayKey, RootKey } from './key-store';
export type { RevocationAnswer, RevocationQuestion, RevocationSource } from './revocation-source';
export type { FoundProof, FoundSpend, SpendProofSource } from './spend-proof-source';
