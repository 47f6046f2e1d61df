import { BASKET_NAME_BYTES_MAX, BASKET_QUANTITY_MAX, BASKET_TAGS_MAX, CUSTOM_INSTRUCTIONS_BYTES_MAX } from '../limits';
import { accept, reject, type Result } from '../rejection';
import { readBasketName } from './names';

/** Where and how somebody wants one output kept (BRC-46, and the `basket insertion` of BRC-100). */
export interface BasketPlacement {
  readonly basket: string;
  /** Whose basket, where it is not the submitter's own. Set by the gateway alone, never read from a request. */
  readonly organisation?: string;
  readonly tags?: readonly string[];
  readonly customInstructions?: string;
  /** Units of a product that the output stands for; 1 unless said. */
  readonly quantity?: number;
}

export interface ReadPlacement {
  readonly basket: string;
  readonly organisation?: string;
  readonly tags: readonly string[];
  readonly customInstructions?: string;
  readonly quantity: number;
}

const hasControl = (text: string): boolean => /\p{Cc}/u.test(text);

/** BRC-46: tags and labels are spelt as baskets are, trimmed and lower-cased, 1 to 300 bytes. */
export function readTag(text: string): Result<string> {
  const tag = text.trim().toLowerCase();
  const bytes = Buffer.byteLength(tag);
  if (bytes === 0 || bytes > BASKET_NAME_BYTES_MAX) return reject('tag-invalid', `1 to ${BASKET_NAME_BYTES_MAX} bytes`);
  return hasControl(tag) ? reject('tag-invalid', 'no control characters') : accept(tag);
}

/** Sorted, each once; of labels as of tags. */
export function readTags(texts: readonly string[]): Result<readonly string[]> {
  if (texts.length > BASKET_TAGS_MAX) return reject('tag-invalid', `at most ${BASKET_TAGS_MAX}`);
  const tags = new Set<string>();
  for (const text of texts) {
    const tag = readTag(text);
    if (!tag.ok) return tag;
    tags.add(tag.value);
  }
  return accept([...tags].sort());
}

export function readPlacement(wanted: BasketPlacement): Result<ReadPlacement> {
  const basket = readBasketName(wanted.basket);
  if (!basket.ok) return basket;
  const tags = readTags(wanted.tags ?? []);
  if (!tags.ok) return tags;
  const { organisation, customInstructions, quantity = 1 } = wanted;
  if (!Number.isSafeInteger(quantity) || quantity < 1 || quantity > BASKET_QUANTITY_MAX)
    return reject('basket-output-invalid', `a quantity is 1 to ${BASKET_QUANTITY_MAX}`);
  if (customInstructions !== undefined && Buffer.byteLength(customInstructions) > CUSTOM_INSTRUCTIONS_BYTES_MAX)
    return reject('basket-output-invalid', `custom instructions are at most ${CUSTOM_INSTRUCTIONS_BYTES_MAX} bytes`);
  return accept({
    basket: basket.value,
    tags: tags.value,
    quantity,
    ...(organisation !== undefined && { organisation }),
    ...(customInstructions !== undefined && { customInstructions }),
  });
}
