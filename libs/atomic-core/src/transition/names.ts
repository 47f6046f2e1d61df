import { BASKET_NAME_BYTES_MAX } from '../limits';
import { accept, reject, type Result } from '../rejection';

const TOPIC_NAME = /^(?=.{1,50}$)tm_[a-z]+(?:_[a-z]+)*$/;
const LOOKUP_NAME = /^(?=.{1,50}$)ls_[a-z]+(?:_[a-z]+)*$/;
const BASKET_TEXT = /^[A-Za-z0-9 _.:-]*$/;
const BASKET_NAME = /^[a-z0-9]+(?:[ _.:-][a-z0-9]+)*$/;
/** Wallets keep change there (BRC-46) and their own records in the others. */
const RESERVED_BASKET = /^(?:default|admin|p )/;

/** BRC-87. */
export const isTopicName = (text: string): boolean => TOPIC_NAME.test(text);
export const isLookupName = (text: string): boolean => LOOKUP_NAME.test(text);

/**
 * BRC-46: trimmed and lower-cased, so that two spellings are one basket. ASCII only, checked before lower-casing: the Kelvin sign lower-cases to "k", and
 * look-alikes would make two baskets that a person reads as one.
 */
export function readBasketName(text: string): Result<string> {
  if (text.length > BASKET_NAME_BYTES_MAX)
    return reject('basket-name-invalid', `longer than ${BASKET_NAME_BYTES_MAX} bytes`);
  if (!BASKET_TEXT.test(text)) return reject('basket-name-invalid', 'letters, digits, space, _ . : and - only');
  const name = text.trim().toLowerCase();
  if (!BASKET_NAME.test(name)) return reject('basket-name-invalid', 'words joined by one space, _ . : or -');
  if (RESERVED_BASKET.test(name)) return reject('basket-name-invalid', 'reserved for wallets');
  return accept(name);
}
