import { printOutpoint } from '../bytes';
import { accept, reject, type Result } from '../rejection';
import type { VerifiedTransaction } from '../spv/verified-transaction';
import type { OfferTerms } from './offer-terms';

/** Where the two sides of an exchange lie in its transaction. */
export interface Exchange {
  readonly assetVout: number;
  readonly paymentVout: number;
}

/**
 * Whether a transaction does what an offer asks: it spends the asset, hands it on in the output `assetVout`, and pays the price in one other output, to
 * the satoshi and to the script. Pure: who may take the offer, and whether it still stands, the COMMIT decides.
 */
export function checkExchange(
  { subject }: Pick<VerifiedTransaction, 'subject'>,
  { asset, price }: Pick<OfferTerms, 'asset' | 'price'>,
  assetVout: number,
): Result<Exchange> {
  const printed = printOutpoint(asset.outpoint);
  const isSpent = subject.inputs.some(({ parentTxid, parentVout }) => `${parentTxid}.${parentVout}` === printed);
  if (!isSpent) return reject('offer-unfulfilled', `the transaction does not spend ${printed}`);
  if (subject.outputs[assetVout] === undefined)
    return reject('offer-unfulfilled', `the transaction has no output ${assetVout} for the asset`);
  // The output that hands the asset on is not also what pays for it.
  const paymentVout = subject.outputs.findIndex(
    ({ satoshis, lockingScript }, vout) =>
      vout !== assetVout && satoshis === price.satoshis && Buffer.compare(lockingScript, price.lockingScript) === 0,
  );
  if (paymentVout < 0)
    return reject('offer-unfulfilled', `no output pays exactly ${price.satoshis} satoshis to the script of the offer`);
  return accept({ assetVout, paymentVout });
}
