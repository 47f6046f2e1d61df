'use strict';
// A lookup service that keeps a file: one line for each call, written before it answers. Its index is what the lines come to.
const { appendFileSync } = require('node:fs');

module.exports = class FileLookup {
  admissionMode = 'locking-script';
  spendNotificationMode = 'txid';
  constructor(options) {
    this.file = options.file;
  }
  write(...words) {
    appendFileSync(this.file, `${words.join(' ')}\n`);
  }
  async outputAdmittedByTopic({ txid, outputIndex }) {
    this.write('admitted', `${txid}.${outputIndex}`);
  }
  async outputSpent({ txid, outputIndex, spendingTxid }) {
    this.write('spent', `${txid}.${outputIndex}`, spendingTxid);
  }
  async outputEvicted(txid, outputIndex) {
    this.write('evicted', `${txid}.${outputIndex}`);
  }
  async lookup() {
    return [];
  }
  async getDocumentation() {
    return 'A file.';
  }
  async getMetaData() {
    return { name: 'ls_file', shortDescription: 'A file.' };
  }
};
