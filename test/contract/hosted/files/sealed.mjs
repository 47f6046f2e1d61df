// A plain object with methods that are not async, and no documentation: admits what the off-chain values open.
import { Hash, PushDrop, Transaction, Utils } from '@bsv/sdk';

export const sealed = {
  identifyAdmissibleOutputs(beef, previousCoins, offChainValues, mode) {
    if (offChainValues === undefined) throw new Error('Off-chain values are needed');
    const seal = Utils.toHex(Hash.sha256(offChainValues));
    const outputsToAdmit = [];
    for (const [index, { lockingScript }] of Transaction.fromBEEF(beef).outputs.entries()) {
      try {
        const [hash, expected] = PushDrop.decode(lockingScript).fields.map((field) => Utils.toUTF8(field));
        if (hash === seal && expected === mode) outputsToAdmit.push(index);
      } catch {
        // Not one of ours.
      }
    }
    return { outputsToAdmit, coinsToRetain: previousCoins };
  },
};
