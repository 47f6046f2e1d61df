import type { AncestryVerifiedBeef, Rejection, VerifiedBeef } from '#atomic-core';
import type { RootQuestion } from '#ports';

/** The chain as the rules of finality and maturity need it. */
export interface ChainContext {
  readonly tipHeight: number;
  readonly medianTimePast: number;
}

/** What the main thread asks of a worker. `octets` is always the whole of its ArrayBuffer, so that it can be handed over instead of copied. */
export type WorkerOrder =
  | { readonly op: 'read'; readonly octets: Uint8Array<ArrayBuffer>; readonly context: ChainContext | undefined }
  | { readonly op: 'scripts'; readonly octets: Uint8Array<ArrayBuffer>; readonly read: AncestryVerifiedBeef };

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

export type WorkerAnswer =
  | ReadAnswer
  | ScriptsAnswer
  | { readonly op: 'refused'; readonly rejection: Rejection }
  | { readonly op: 'ready' }
  /** A defect of ours inside the worker; the request that met it fails closed. */
  | { readonly op: 'fault'; readonly stack: string };
