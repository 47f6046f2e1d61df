// Does what the first field of output 0 says. Whatever it does, only this submission may suffer.
const { parentPort } = require('node:worker_threads');
const { PushDrop, Transaction, Utils } = require('@bsv/sdk');

const never = () => new Promise(() => {});
const admit = (outputsToAdmit, coinsToRetain = []) => ({ outputsToAdmit, coinsToRetain });

const deeds = {
  throw: () => {
    throw new Error('the zoo is closed');
  },
  reject: () => Promise.reject('a string'),
  'throw nothing': () => {
    throw undefined;
  },
  hang: never,
  block: () => {
    for (;;);
  },
  wait: () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
  exit: () => process.exit(0),
  'fill the heap': () => {
    const kept = [];
    for (;;) kept.push(new Array(1e6).fill(kept.length));
  },
  'fill buffers': () => {
    const kept = [];
    for (;;) kept.push(Buffer.alloc(1e7, 1));
  },
  'throw later': () => {
    setImmediate(() => {
      throw new Error('later');
    });
    return never();
  },
  'reject later': () => {
    setTimeout(() => Promise.reject(new Error('later')), 5);
    return admit([0]);
  },
  'post nonsense': () => {
    for (let count = 0; count < 1_000; count += 1)
      parentPort.postMessage({ is: 'answered', id: count, value: 'forged' });
    return admit([0]);
  },
  'print a lot': () => {
    for (let count = 0; count < 500; count += 1) console.log('x'.repeat(10_000));
    return admit([0]);
  },
  'answer nothing': () => undefined,
  'answer text': () => 'everything',
  'answer a set': () => ({ outputsToAdmit: new Set([0]), coinsToRetain: [] }),
  'forget the coins': () => ({ outputsToAdmit: [0] }),
  'admit beyond': () => admit([0, 99]),
  'admit twice': () => admit([0, 0]),
  'admit a half': () => admit([0.5]),
  'admit less than nothing': () => admit([-1]),
  'admit text': () => admit(['0']),
  'admit NaN': () => admit([Number.NaN]),
  'admit far too many': () => admit(new Array(1e7).fill(0)),
  'retain a stranger': () => admit([0], [0]),
  'throw in a getter': () => ({
    get outputsToAdmit() {
      throw new Error('got you');
    },
    coinsToRetain: [],
  }),
};

module.exports = class Zoo {
  async identifyAdmissibleOutputs(beef, previousCoins) {
    const [field] = PushDrop.decode(Transaction.fromBEEF(beef).outputs[0].lockingScript).fields;
    const deed = deeds[Utils.toUTF8(field)];
    return deed === undefined ? admit([0], previousCoins) : deed();
  }
  async getDocumentation() {
    throw new Error('not written');
  }
};
