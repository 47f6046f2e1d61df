'use strict';

// The topic of the bench, for both: written to the types of @bsv/overlay. It admits every output and keeps no history.
const { Transaction } = require('@bsv/sdk');

module.exports = {
  async identifyAdmissibleOutputs(beef) {
    const { outputs } = Transaction.fromBEEF(beef);
    return { outputsToAdmit: outputs.map((_, vout) => vout), coinsToRetain: [] };
  },
  async getDocumentation() {
    return 'Admits everything.';
  },
  async getMetaData() {
    return { name: 'tm_bench', shortDescription: 'Admits everything.' };
  },
};
