import type {
  AncestryContext,
  AncestryVerifiedBeef,
  BeefGraph,
  CryptoKind,
  RefusedPlace,
  Rejection,
  Txid,
  VerifiedBeef,
} from '#atomic-core';
import type { RootQuestion } from '#ports';

/** Bytes to a graph. `octets` is the whole of its ArrayBuffer and becomes the bytes of the graph. */
export interface ReadOrder {
  readonly op: 'read';
  readonly octets: Uint8Array<ArrayBuffer>;
  /** Undefined while the chain has no tip: then form is judged and nothing more. */
  readonly context: AncestryContext | undefined;
}

/** A part of the inputs of a graph by the fast paths alone. The graph is copied: other threads have other parts of it. */
export interface FastOrder {
  readonly op: 'fast';
  readonly ancestry: AncestryVerifiedBeef;
  readonly rows: Uint32Array;
}

/** Every script of a graph that is not in `known` (by transaction row) or `accepted` (by input row). */
export interface ScriptsOrder {
  readonly op: 'scripts';
  readonly ancestry: AncestryVerifiedBeef;
  readonly known: Uint8Array;
  readonly accepted: Uint8Array;
}

/** Where in a BEEF a transaction stands, for whoever explains a refusal. */
export interface LocateOrder {
  readonly op: 'locate';
  readonly octets: Uint8Array<ArrayBuffer>;
  readonly txid: Txid | undefined;
}

/** What the main thread asks of a worker. */
export type WorkerOrder = ReadOrder | FastOrder | ScriptsOrder | LocateOrder;

export interface ReadAnswer {
  readonly op: 'read';
  readonly ancestry: AncestryVerifiedBeef;
  readonly roots: readonly RootQuestion[];
}

export interface FastAnswer {
  readonly op: 'fast';
  /** For each row of the order: 1 accepted, 0 not decided. */
  readonly verdicts: Uint8Array;
}

export interface ScriptsAnswer {
  readonly op: 'scripts';
  readonly verified: VerifiedBeef;
  /** By input row, those of the order included. */
  readonly accepted: Uint8Array;
  /** Inputs that a fast path accepted, and inputs that the interpreter ran. */
  readonly fast: number;
  readonly interpreted: number;
}

export interface LocateAnswer {
  readonly op: 'locate';
  readonly place: RefusedPlace;
}

export type WorkerAnswer =
  | LocateAnswer
  | ReadAnswer
  | FastAnswer
  | ScriptsAnswer
  | { readonly op: 'refused'; readonly rejection: Rejection }
  /** The thread is warm, and computes with this. */
  | { readonly op: 'ready'; readonly crypto: CryptoKind }
  /** A defect of ours inside the worker; the request that met it fails closed. */
  | { readonly op: 'fault'; readonly stack: string };

/** What goes to the other thread instead of being copied, and is unusable here afterwards: a graph of 4 MiB in microseconds. */
export function listHandedOver(message: WorkerOrder | WorkerAnswer): ArrayBuffer[] {
  if (message.op === 'locate') return 'octets' in message ? [message.octets.buffer] : [];
  if (message.op === 'read') return 'octets' in message ? [message.octets.buffer] : listBuffers(message.ancestry);
  if (message.op === 'scripts') return listBuffers('verified' in message ? message.verified : message.ancestry);
  return [];
}

/** Each buffer once: two arrays may share one, and one that is handed over twice is refused. */
function listBuffers({ tape, ...columns }: BeefGraph): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  const parts: readonly unknown[] = [Object.values({ ...tape }), Object.values({ ...columns })].flat();
  for (const part of parts) if (ArrayBuffer.isView(part)) buffers.add(part.buffer as ArrayBuffer);
  return [...buffers];
}
