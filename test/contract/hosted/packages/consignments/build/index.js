'use strict';
// As a TypeScript package of CommonJS is published: an interop object with a default, and a factory that opens its own storage.
Object.defineProperty(exports, '__esModule', { value: true });
exports.createConsignmentsLookup = exports.default = void 0;
const promises_1 = require('node:fs/promises');
const sdk_1 = require('@bsv/sdk');

const readStep = (lockingScript) => {
  const [id, step] = sdk_1.PushDrop.decode(lockingScript).fields;
  if (step === undefined) throw new Error('A consignment has an id and a step');
  return { id: sdk_1.Utils.toUTF8(id), step: sdk_1.Utils.toUTF8(step) };
};
const tryStep = (lockingScript) => {
  try {
    return readStep(lockingScript);
  } catch {
    return undefined;
  }
};

// Keeps what it spends: the way of a consignment is its history.
class ConsignmentsTopicManager {
  identifyAdmissibleOutputs(beef, previousCoins) {
    const transaction = sdk_1.Transaction.fromBEEF(beef);
    const coins = previousCoins.map((input) => {
      const { sourceTransaction, sourceOutputIndex } = transaction.inputs[input];
      return readStep(sourceTransaction.outputs[sourceOutputIndex].lockingScript).id;
    });
    const outputsToAdmit = [];
    transaction.outputs.forEach((output, index) => {
      const step = tryStep(output.lockingScript);
      if (step !== undefined && (step.step === 'start' || coins.includes(step.id))) outputsToAdmit.push(index);
    });
    return Promise.resolve({ outputsToAdmit, coinsToRetain: previousCoins, coinsRemoved: [], ancillaryTxids: [] });
  }
  identifyNeededInputs(beef) {
    const { inputs } = sdk_1.Transaction.fromBEEF(beef);
    return Promise.resolve(
      inputs.map(({ sourceTransaction, sourceTXID, sourceOutputIndex }) => ({
        txid: sourceTXID ?? sourceTransaction.id('hex'),
        outputIndex: sourceOutputIndex,
      })),
    );
  }
  get getDocumentation() {
    return () => Promise.resolve('# Consignments');
  }
  getMetaData() {
    return Promise.resolve({ name: 'Consignments', shortDescription: 'The way of a consignment.' });
  }
}
exports.default = ConsignmentsTopicManager;

const createConsignmentsLookup = async ({ file }) => {
  const read = async () => JSON.parse(await (0, promises_1.readFile)(file, 'utf8').catch(() => '{}'));
  const write = (steps) => (0, promises_1.writeFile)(file, JSON.stringify(steps));
  return {
    admissionMode: 'whole-tx',
    spendNotificationMode: 'whole-tx',
    outputAdmittedByTopic: async ({ mode, atomicBEEF, outputIndex, topic }) => {
      if (mode !== 'whole-tx' || topic !== 'tm_consignments') return;
      const transaction = sdk_1.Transaction.fromAtomicBEEF(atomicBEEF);
      const { id, step } = readStep(transaction.outputs[outputIndex].lockingScript);
      await write({ ...(await read()), [`${transaction.id('hex')}.${outputIndex}`]: { id, step } });
    },
    outputSpent: async ({ mode, spendingAtomicBEEF, txid, outputIndex }) => {
      if (mode !== 'whole-tx') throw new Error('Invalid mode');
      const steps = await read();
      const outpoint = `${txid}.${outputIndex}`;
      const spentBy = sdk_1.Transaction.fromAtomicBEEF(spendingAtomicBEEF).id('hex');
      if (steps[outpoint] !== undefined) await write({ ...steps, [outpoint]: { ...steps[outpoint], spentBy } });
    },
    outputNoLongerRetainedInHistory: async (txid, outputIndex) => {
      const { [`${txid}.${outputIndex}`]: _gone, ...steps } = await read();
      await write(steps);
    },
    outputEvicted: async (txid, outputIndex) => {
      const { [`${txid}.${outputIndex}`]: _gone, ...steps } = await read();
      await write(steps);
    },
    lookup: async ({ query }) =>
      Object.entries(await read())
        .filter(([, { id, spentBy }]) => id === query.id && spentBy === undefined)
        .map(([outpoint]) => ({
          txid: outpoint.split('.')[0],
          outputIndex: Number(outpoint.split('.')[1]),
          history: async (beef, outputIndex, depth) =>
            depth <= (query.generations ?? 10) &&
            readStep(sdk_1.Transaction.fromBEEF(beef).outputs[outputIndex].lockingScript).id === query.id,
        })),
    getDocumentation: async () => '# Consignments lookup',
    getMetaData: async () => ({ name: 'Consignments lookup', shortDescription: 'Where a consignment is.' }),
  };
};
exports.createConsignmentsLookup = createConsignmentsLookup;
