import { parentPort } from 'node:worker_threads';
import {
  accept,
  listRoots,
  listScriptInputs,
  liveCrypto,
  locateTransaction,
  readBeef,
  reject,
  scanBeef,
  useThreadCrypto,
  verifyAncestry,
  verifyInputsFast,
  verifyScripts,
  type Result,
} from '#atomic-core';
import { testEngine } from './test-engine';
import {
  listHandedOver,
  type FastAnswer,
  type FastOrder,
  type ReadAnswer,
  type ReadOrder,
  type ScriptsAnswer,
  type ScriptsOrder,
  type WorkerAnswer,
  type WorkerOrder,
} from './worker-order';

/** Cheap rules first: bytes, structure, ancestry. Scripts wait until the main thread knows every root. */
function read({ octets, context }: ReadOrder): Result<ReadAnswer> {
  const scanned = scanBeef(octets);
  if (!scanned.ok) return scanned;
  const graph = readBeef(scanned.value);
  if (!graph.ok) return graph;
  // Malformed bytes are malformed whatever the chain says, so the missing tip is reported only here.
  if (context === undefined) return reject('chain-unsettled');
  const checked = verifyAncestry(graph.value, context);
  return checked.ok ? accept({ op: 'read', ancestry: checked.value, roots: listRoots(checked.value) }) : checked;
}

const runFast = ({ ancestry, rows }: FastOrder): Result<FastAnswer> =>
  accept({ op: 'fast', verdicts: verifyInputsFast(ancestry, rows) });

/** The fast paths first and on their own, to know how many they took: what they took costs the second pass nothing. */
function runScripts({ ancestry, known, accepted }: ScriptsOrder): Result<ScriptsAnswer> {
  const rows = listScriptInputs(ancestry, known).filter((row) => accepted[row] !== 1);
  const verdicts = verifyInputsFast(ancestry, rows);
  let fast = 0;
  for (const [place, row] of rows.entries()) {
    if (verdicts[place] !== 1) continue;
    accepted[row] = 1;
    fast += 1;
  }
  const verified = verifyScripts(ancestry, { known, accepted });
  return verified.ok
    ? accept({ op: 'scripts', verified: verified.value, accepted, fast, interpreted: rows.length - fast })
    : verified;
}

function obey(order: WorkerOrder): Result<WorkerAnswer> {
  if (order.op === 'locate') return accept({ op: 'locate', place: locateTransaction(order.octets, order.txid) });
  if (order.op === 'read') return read(order);
  return order.op === 'fast' ? runFast(order) : runScripts(order);
}

function answerTo(order: WorkerOrder): WorkerAnswer {
  try {
    const result = obey(order);
    return result.ok ? result.value : { op: 'refused', rejection: result.rejection };
  } catch (error) {
    return { op: 'fault', stack: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

const port = parentPort;
if (port === null) throw new Error('The verification worker runs in a worker thread only.');

port.on('message', (order: WorkerOrder) => {
  const answer = answerTo(order);
  port.postMessage(answer, listHandedOver(answer));
});
useThreadCrypto();
testEngine();
port.postMessage({ op: 'ready', crypto: liveCrypto().kind } satisfies WorkerAnswer);
