import { parentPort, workerData } from 'node:worker_threads';
import { type Comparison, compareCase } from './compare';
import { guardSdk } from './judge-sdk';
import { type PublicBeef, makeCase } from './make-case';

export interface WorkerTask {
  readonly seed: number;
  readonly from: number;
  readonly until: number;
  readonly publicBeefs: readonly PublicBeef[];
  /** The case that is judged now: who waits for this thread sees whether it moves. */
  readonly current: Int32Array<SharedArrayBuffer>;
}

export interface JudgedCase extends Comparison {
  readonly number: number;
}

/** Cases between two reports. */
const REPORT = 50;

const work = async ({ seed, from, until, publicBeefs, current }: WorkerTask): Promise<void> => {
  guardSdk();
  let judged: JudgedCase[] = [];
  for (let number = from; number < until; number++) {
    Atomics.store(current, 0, number);
    judged.push({ number, ...(await compareCase(makeCase(seed, number, publicBeefs))) });
    if (judged.length < REPORT && number < until - 1) continue;
    parentPort?.postMessage(judged);
    judged = [];
  }
};

// An exception ends the thread and with it the run: what this file does itself must not fail.
void work(workerData as WorkerTask);
