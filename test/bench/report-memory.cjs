'use strict';

// Loaded into the worker threads of a soak before their own code: only a thread can weigh itself. It answers between two orders, never during one.
const { BroadcastChannel, threadId } = require('node:worker_threads');

const channel = new BroadcastChannel('portcullis-soak');
channel.onmessage = ({ data }) => {
  if (data !== 'weigh') return;
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  channel.postMessage({ threadId, heapUsed, external, arrayBuffers });
};
channel.unref();
