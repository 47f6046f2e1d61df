'use strict';

// Admits every output up to the limit it is made with, keeps no history, and has no opinion: what is raced is the COMMIT.
const { Transaction } = require('@bsv/sdk');

module.exports = (options) => ({
  identifyAdmissibleOutputs(beef) {
    const { outputs } = Transaction.fromBEEF(beef);
    const admitted = outputs.map((_, vout) => vout).slice(0, options?.outputsMax ?? outputs.length);
    return { outputsToAdmit: admitted, coinsToRetain: [] };
  },
  getDocumentation: () => 'Admits everything.',
  getMetaData: () => ({ name: 'tm_race', shortDescription: 'Admits everything.' }),
});
