'use strict';
// A topic whose tokens have a way, and lookup services of every mode over it, written to the types of @bsv/overlay and to nothing of Portcullis.
const { appendFileSync, existsSync, readFileSync } = require('node:fs');
const { PushDrop, Script, Transaction, Utils } = require('@bsv/sdk');

const readToken = (script) => {
  const [id, step] = PushDrop.decode(script).fields;
  if (step === undefined) throw new Error('A token has an id and a step');
  return { id: Utils.toUTF8(id), step: Utils.toUTF8(step) };
};
const isToken = ({ lockingScript }) => {
  try {
    return readToken(lockingScript) !== undefined;
  } catch {
    return false;
  }
};

// What a transaction spends is the way of what it makes, unless that forgets where it comes from. The end of a way is no token.
exports.WayTopic = class {
  async identifyAdmissibleOutputs(beef, previousCoins) {
    const { outputs } = Transaction.fromBEEF(beef);
    const outputsToAdmit = outputs.flatMap((output, index) => (isToken(output) ? [index] : []));
    const forgets = outputsToAdmit.some((index) => readToken(outputs[index].lockingScript).step === 'forgets');
    return { outputsToAdmit, coinsToRetain: forgets || outputsToAdmit.length === 0 ? [] : previousCoins };
  }
};

const textOf = (octets) => (octets === undefined ? null : Utils.toUTF8(octets));

// Its index is what it was told, line by line: in a file of its own, or in memory alone. It hears nothing while there is a file of its fault.
exports.WayLookup = class {
  constructor({ admissionMode, spendNotificationMode, file, fault }) {
    this.admissionMode = admissionMode;
    this.spendNotificationMode = spendNotificationMode;
    this.file = file;
    this.fault = fault;
    this.lines = [];
  }
  hear(line) {
    if (this.fault !== undefined && existsSync(this.fault)) throw new Error('out of order');
    if (this.file === undefined) this.lines.push(line);
    else appendFileSync(this.file, `${JSON.stringify(line)}\n`);
  }
  heard() {
    if (this.file === undefined) return this.lines;
    if (!existsSync(this.file)) return [];
    const lines = readFileSync(this.file, 'utf8').trimEnd().split('\n');
    return lines.map((line) => JSON.parse(line));
  }
  async outputAdmittedByTopic(payload) {
    const { mode, outputIndex, topic, offChainValues } = payload;
    if (mode !== this.admissionMode) throw new Error('Invalid mode');
    const whole = mode === 'whole-tx' ? Transaction.fromAtomicBEEF(payload.atomicBEEF) : undefined;
    const script = whole === undefined ? payload.lockingScript : whole.outputs[outputIndex].lockingScript;
    if (!(script instanceof Script)) throw new Error('The script is none of this SDK');
    const txid = whole === undefined ? payload.txid : whole.id('hex');
    const more = { ...readToken(script), satoshis: payload.satoshis ?? null, values: textOf(offChainValues) };
    this.hear({ act: 'admitted', topic, output: `${txid}.${outputIndex}`, ...more });
  }
  async outputSpent(payload) {
    const { mode, txid, outputIndex, topic } = payload;
    if (mode !== this.spendNotificationMode) throw new Error('Invalid mode');
    if (mode === 'script' && !(payload.unlockingScript instanceof Script)) throw new Error('No script');
    const whole = mode === 'whole-tx' ? Transaction.fromAtomicBEEF(payload.spendingAtomicBEEF).id('hex') : undefined;
    const more = { by: payload.spendingTxid ?? whole ?? null, input: payload.inputIndex ?? null };
    this.hear({ act: 'spent', topic, output: `${txid}.${outputIndex}`, ...more });
  }
  async outputNoLongerRetainedInHistory(txid, outputIndex, topic) {
    this.hear({ act: 'let go', topic, output: `${txid}.${outputIndex}` });
  }
  async outputEvicted(txid, outputIndex) {
    this.hear({ act: 'evicted', output: `${txid}.${outputIndex}` });
  }
  index() {
    const index = new Map();
    for (const { act, output, ...more } of this.heard()) {
      if (act === 'admitted') index.set(output, { ...more, isSpent: false });
      else if (act === 'spent') index.set(output, { ...index.get(output), isSpent: true });
      else index.delete(output);
    }
    return index;
  }
  // `spent`: names those too that it was told are spent. `history`: a depth, or the steps that it goes back to.
  async lookup({ query }) {
    if (query.heard === true) return { type: 'freeform', result: this.heard() };
    const found = [...this.index()].filter(([, { id, isSpent }]) => id === query.id && (query.spent || !isSpent));
    const select = async (beef, outputIndex, depth) => {
      const { step } = readToken(Transaction.fromBEEF(beef).outputs[outputIndex].lockingScript);
      return depth === 0 || query.history.includes(step);
    };
    return found.map(([output, { step }]) => ({
      txid: output.split('.')[0],
      outputIndex: Number(output.split('.')[1]),
      ...(query.history !== undefined && { history: Array.isArray(query.history) ? select : query.history }),
      ...(query.context && { context: Utils.toArray(step, 'utf8') }),
    }));
  }
};
