import { parentPort } from 'node:worker_threads';
import {
  liveCrypto,
  listRoots,
  locateTransaction,
  readBeef,
  reject,
  scanBeef,
  verifyAncestry,
  verifyScripts,
  type Result,
} from '#atomic-core';
import type { ReadAnswer, ScriptsAnswer, WorkerAnswer, WorkerOrder } from './worker-order';

/** Cheap rules first: bytes, structure, ancestry. Scripts wait until the main thread knows every root. */
function read(order: WorkerOrder & { op: 'read' }): Result<ReadAnswer> {
  const scanned = scanBeef(order.octets);
  if (!scanned.ok) return scanned;
  const graph = readBeef(scanned.value);
  if (!graph.ok) return graph;
  // Malformed bytes are malformed whatever the chain says, so the missing tip is reported only here.
  if (order.context === undefined) return reject('chain-unsettled');
  const checked = verifyAncestry(graph.value, order.context);
  if (!checked.ok) return checked;
  const roots = listRoots(checked.value);
  return { ok: true, value: { op: 'read', octets: order.octets, read: checked.value, roots } };
}

function runScripts(order: WorkerOrder & { op: 'scripts' }): Result<ScriptsAnswer> {
  const verified = verifyScripts(order.read);
  return verified.ok ? { ok: true, value: { op: 'scripts', verified: verified.value } } : verified;
}

function answerTo(order: WorkerOrder): WorkerAnswer {
  try {
    if (order.op === 'locate') return { op: 'locate', place: locateTransaction(order.octets, order.txid) };
    const result = order.op === 'read' ? read(order) : runScripts(order);
    return result.ok ? result.value : { op: 'refused', rejection: result.rejection };
  } catch (error) {
    return { op: 'fault', stack: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

const port = parentPort;
if (port === null) throw new Error('The verification worker runs in a worker thread only.');

port.on('message', (order: WorkerOrder) => {
  const answer = answerTo(order);
  // Both directions hand the octets over: the graph's slices keep pointing into them and 4 MiB is never copied.
  const handedOver = answer.op === 'read' || answer.op === 'scripts' ? [order.octets.buffer] : [];
  port.postMessage(answer, handedOver);
});
port.postMessage({ op: 'ready', crypto: liveCrypto().kind } satisfies WorkerAnswer);
