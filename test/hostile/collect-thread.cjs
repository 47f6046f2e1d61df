'use strict';

// Required by every thread of `measure-child.cjs growth`, and by itself: `collect()` runs the collector of each thread, for `gc()` runs that of its own alone,
// and answers the bytes that they hold. What a thread has not collected yet is not kept, and moves by tens of megabytes from one moment to the next.
const threads = require('node:worker_threads');

const { BroadcastChannel, isMainThread, threadId } = threads;
const channel = new BroadcastChannel('portcullis-collect');
channel.unref();

const collectHere = () => {
  // Twice: what finalizers let go in the first is freed in the second.
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

if (!isMainThread) {
  channel.onmessage = ({ data }) => {
    if (data === 'collect') channel.postMessage({ threadId, held: collectHere() });
  };
}

/** Threads that are started from here on collect at a word, which is what this returns. */
const install = () => {
  const live = new Set();
  threads.Worker = class extends threads.Worker {
    constructor(file, options) {
      super(file, { ...options, execArgv: [...(options.execArgv ?? []), '--require', __filename] });
      const { threadId: id } = this;
      live.add(id);
      this.once('exit', () => live.delete(id));
    }
  };
  return async () => {
    const waiting = new Set(live);
    let held = 0;
    const done = new Promise((resolve) => {
      channel.onmessage = ({ data }) => {
        held += data.held;
        waiting.delete(data.threadId);
        if (waiting.size === 0) resolve();
      };
    });
    channel.ref();
    channel.postMessage('collect');
    await done;
    channel.unref();
    return held + collectHere();
  };
};

module.exports = { install };
