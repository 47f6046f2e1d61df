import { accept, limits, readBasketName, readTags, reject, type Outpoint, type Result } from '#atomic-core';
import { z } from 'zod';
import { readOutpointText } from './read-outpoint';

/** What of a basket is asked for (`listOutputs` of BRC-100). */
export interface Listing {
  readonly basket: string;
  readonly tags: readonly string[];
  readonly tagQueryMode: 'any' | 'all';
  readonly limit: number;
  /** Outputs to pass over, oldest first; negative: newest first, -1 being the newest. */
  readonly offset: number;
  /** Goes on behind this output instead. */
  readonly after?: Outpoint;
  readonly withTransactions: boolean;
}

/** What is told of each output. */
export interface Members {
  readonly scripts: boolean;
  readonly customInstructions: boolean;
  readonly tags: boolean;
  readonly labels: boolean;
}

export const tagQueryMode = z.enum(['any', 'all']);
export const include = z.enum(['locking scripts', 'entire transactions']);

/** A parameter may stand several times: its values are put together. */
const texts = z.union([z.string(), z.array(z.string()).max(limits.BASKET_TAGS_MAX)]);
const flag = z.enum(['true', 'false']);
const wholeNumber = (pattern: RegExp): z.ZodType<string> => z.string().regex(pattern);

export const listingQuery = z.strictObject({
  tags: texts.optional(),
  tagQueryMode: tagQueryMode.optional(),
  limit: wholeNumber(/^[1-9][0-9]{0,3}$/).optional(),
  offset: wholeNumber(/^(?:0|-?[1-9][0-9]{0,8})$/).optional(),
  after: z.string().optional(),
  include: include.optional(),
  includeCustomInstructions: flag.optional(),
  includeTags: flag.optional(),
  includeLabels: flag.optional(),
});

export interface AskedListing {
  readonly listing: Listing;
  readonly members: Members;
}

/** The query of `GET /v1/baskets/{basket}/outputs`. Locking scripts are always told: callers of the first version read them. */
export function readListing(basketText: string, query: unknown): Result<AskedListing> {
  const basket = readBasketName(basketText);
  if (!basket.ok) return basket;
  const parsed = listingQuery.safeParse(query);
  if (!parsed.success) return reject('query-malformed', describe(parsed.error));
  const asked = parsed.data;
  const tags = readTags([asked.tags ?? []].flat().flatMap((text) => text.split(',')));
  if (!tags.ok) return tags;
  if (asked.after !== undefined && asked.offset !== undefined)
    return reject('query-malformed', 'after and offset are two ways to say where to begin');
  const after = asked.after === undefined ? accept(undefined) : readOutpointText(asked.after, 'after');
  if (!after.ok) return after;
  const limit = Number(asked.limit ?? limits.BASKET_OUTPUTS_MAX);
  if (limit > limits.BASKET_OUTPUTS_MAX) return reject('query-malformed', `limit is 1 to ${limits.BASKET_OUTPUTS_MAX}`);
  return accept({
    listing: {
      basket: basket.value,
      tags: tags.value,
      tagQueryMode: asked.tagQueryMode ?? 'any',
      limit,
      offset: Number(asked.offset ?? 0),
      ...(after.value && { after: after.value }),
      withTransactions: asked.include === 'entire transactions',
    },
    members: {
      scripts: true,
      customInstructions: asked.includeCustomInstructions === 'true',
      tags: asked.includeTags === 'true',
      labels: asked.includeLabels === 'true',
    },
  });
}

function describe(error: z.ZodError): string {
  const place = error.issues[0]?.path[0];
  const known = Object.keys(listingQuery.shape).find((name) => name === place);
  return known === undefined ? 'an unknown parameter' : `${known} is not as it should be`;
}
