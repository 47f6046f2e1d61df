import type { AncestryVerifiedBeef, CryptoKind, RefusedPlace, Rejection, Txid, VerifiedBeef } from '#atomic-core';
import type { RootQuestion } from '#ports';

/** The chain as the rules of finality and maturity need it. */
export interface ChainContext {
  readonly tipHeight: number;
  readonly medianTimePast: number;
}

/** What the main thread asks of a worker. `octets` is always the whole of its ArrayBuffer, so that it can be handed over instead of copied. */
export type WorkerOrder =
  | { readonly op: 'read'; readonly octets: Uint8Array<ArrayBuffer>; readonly context: ChainContext | undefined }
  | { readonly op: 'scripts'; readonly octets: Uint8Array<ArrayBuffer>; readonly read: AncestryVerifiedBeef }
  | { readonly op: 'locate'; readonly octets: Uint8Array<ArrayBuffer>; readonly txid: Txid | undefined };

export interface ReadAnswer {
  readonly op: 'read';
  readonly octets: Uint8Array<ArrayBuffer>;
  readonly read: AncestryVerifiedBeef;
  readonly roots: readonly RootQuestion[];
}

export interface ScriptsAnswer {
  readonly op: 'scripts';
  readonly verified: VerifiedBeef;
}

export interface LocateAnswer {
  readonly op: 'locate';
  readonly place: RefusedPlace;
}

export type WorkerAnswer =
  | ReadAnswer
  | ScriptsAnswer
  | LocateAnswer
  | { readonly op: 'refused'; readonly rejection: Rejection }
  /** The thread is warm, and computes with this. */
  | { readonly op: 'ready'; readonly crypto: CryptoKind }
  /** A defect of ours inside the worker; the request that met it fails closed. */
  | { readonly op: 'fault'; readonly stack: string };

/** What an order takes with it to the worker instead of copying it. */
export const listHandedOver = (order: WorkerOrder): ArrayBuffer[] => [order.octets.buffer];
