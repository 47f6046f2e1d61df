'use strict';
const { Transaction, Utils } = require('@bsv/sdk');

/** `<"chain"> <n> OP_2DROP OP_1`: links of a chain, each of which must spend the link before it. Anybody may spend one. */
const readLink = (script) => {
  const [name, number, drop] = script.chunks;
  if (name?.data === undefined || number?.data === undefined || drop?.op !== 0x6d) return undefined;
  return Utils.toUTF8([...name.data]) === 'chain' ? Number(Utils.toUTF8([...number.data])) : undefined;
};

const listLinks = (transaction) =>
  transaction.outputs.flatMap(({ lockingScript }, vout) => {
    const number = readLink(lockingScript);
    return number === undefined ? [] : [{ vout, number }];
  });

/** A topic manager as others write them: a link is admitted where the link before it is a coin of the topic, and every coin is retained. */
class ChainTopicManager {
  async identifyAdmissibleOutputs(beef, previousCoins) {
    const transaction = Transaction.fromBEEF(beef);
    const before = new Set();
    for (const index of previousCoins) {
      const { sourceTransaction, sourceOutputIndex } = transaction.inputs[index];
      // An Engine shows a proven transaction without its parents; that the coin is one of this topic is known all the same.
      const source = sourceTransaction?.outputs[sourceOutputIndex];
      before.add(source === undefined ? 'a coin' : readLink(source.lockingScript));
    }
    const follows = (number) => before.has(number - 1) || before.has('a coin');
    const admitted = listLinks(transaction).filter(({ number }) => number === 0 || follows(number));
    return { outputsToAdmit: admitted.map(({ vout }) => vout), coinsToRetain: [...previousCoins] };
  }

  async identifyNeededInputs(beef) {
    const transaction = Transaction.fromBEEF(beef);
    if (listLinks(transaction).every(({ number }) => number === 0)) return [];
    return transaction.inputs.map(({ sourceTXID, sourceTransaction, sourceOutputIndex }) => ({
      txid: sourceTXID ?? sourceTransaction.id('hex'),
      outputIndex: sourceOutputIndex,
    }));
  }

  async getDocumentation() {
    return '# Chains';
  }

  async getMetaData() {
    return { name: 'Chains', shortDescription: 'Each link spends the one before it.' };
  }
}

module.exports = { ChainTopicManager };
