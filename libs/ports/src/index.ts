export type { BroadcastOutcome, BroadcastStatus, Broadcaster } from './broadcaster';
export type { ChainTip, ChainTracker, RootQuestion, RootVerdict } from './chain-tracker';
export type { Clock } from './clock';
export type { HeaderSource } from './header-source';
export type { HttpClient, OutboundAnswer, OutboundRequest } from './http-client';
