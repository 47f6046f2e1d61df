// As a TypeScript package is published: ESM alone, a class by default, its lookup by name, an index in memory.
import { PushDrop, Script, Signature, Transaction, UnlockingScript, Utils } from '@bsv/sdk';

const readNote = (lockingScript) => {
  const { fields, lockingPublicKey } = PushDrop.decode(lockingScript);
  const signature = fields.pop();
  if (fields.length !== 1) throw new Error('A note has one field and a signature');
  if (!lockingPublicKey.verify(fields.flat(), Signature.fromDER(signature))) throw new Error('Signature not linked');
  return Utils.toUTF8(fields[0]);
};

export default class NotesTopicManager {
  async identifyAdmissibleOutputs(beef, previousCoins) {
    const outputsToAdmit = [];
    const transaction = Transaction.fromBEEF(beef);
    for (const [index, output] of transaction.outputs.entries()) {
      try {
        readNote(output.lockingScript);
        outputsToAdmit.push(index);
      } catch (error) {
        console.error(`Output ${index} is no note:`, error.message);
      }
    }
    // Published ones read the source of each coin: it must be there.
    for (const input of previousCoins) readNote(sourceOf(transaction.inputs[input]));
    return { outputsToAdmit, coinsToRetain: [] };
  }

  async getDocumentation() {
    return '# Notes\n\nOne signed line each.';
  }

  async getMetaData() {
    return { name: 'Notes Topic Manager', shortDescription: 'Signed lines.', version: '1.2.0' };
  }
}

const sourceOf = ({ sourceTransaction, sourceOutputIndex }) =>
  sourceTransaction.outputs[sourceOutputIndex].lockingScript;

export class NotesLookupService {
  admissionMode = 'locking-script';
  spendNotificationMode = 'script';
  #notes = new Map();

  async outputAdmittedByTopic(payload) {
    if (payload.mode !== 'locking-script') throw new Error('Invalid mode');
    if (payload.topic !== 'tm_notes') return;
    if (!(payload.lockingScript instanceof Script)) throw new Error('The script is none of this SDK');
    this.#notes.set(`${payload.txid}.${payload.outputIndex}`, readNote(payload.lockingScript));
  }

  async outputSpent(payload) {
    if (payload.mode !== 'script') throw new Error('Invalid mode');
    if (!(payload.unlockingScript instanceof UnlockingScript)) throw new Error('The script is none of this SDK');
    this.#notes.delete(`${payload.txid}.${payload.outputIndex}`);
  }

  async outputEvicted(txid, outputIndex) {
    this.#notes.delete(`${txid}.${outputIndex}`);
  }

  async lookup({ service, query }) {
    if (service !== 'ls_notes') throw new Error('Lookup service not supported!');
    if (query.count === true) return { type: 'freeform', result: { notes: this.#notes.size } };
    if (typeof query.text !== 'string') throw new Error('A valid query must be provided!');
    return [...this.#notes]
      .filter(([, text]) => text.includes(query.text))
      .map(([outpoint, text]) => {
        const [txid, index] = outpoint.split('.');
        return { txid, outputIndex: Number(index), context: Utils.toArray(text, 'utf8') };
      });
  }

  async getDocumentation() {
    return '# Notes lookup';
  }

  async getMetaData() {
    throw new Error('Method not implemented.');
  }
}
