'use strict';

// Loaded before a server: at SIGUSR2 it collects what nothing holds, and writes how much is left to the file HEAP_FILE.
const { renameSync, writeFileSync } = require('node:fs');
const { isMainThread } = require('node:worker_threads');

const file = process.env['HEAP_FILE'];

// Twice, with a turn between: what finalizers hold goes with the second.
const settle = async () => {
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  writeFileSync(`${file}.new`, JSON.stringify({ heapBytes: heapUsed + external, rssBytes: rss }));
  renameSync(`${file}.new`, file);
};

if (isMainThread) process.on('SIGUSR2', () => void settle());
