import type { z } from 'zod';
import type { RejectionCode } from '#atomic-core';

/** A body or an answer in one media type. */
export interface Content {
  readonly mediaType: string;
  /** Octets when absent. */
  readonly schema?: z.ZodType;
  readonly example?: unknown;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly description: string;
  readonly schema: z.ZodType;
  readonly required?: boolean;
}

export interface Answer {
  readonly description: string;
  readonly contents: readonly Content[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** One route as callers see it. The contract test holds the list of these against the routes that are registered. */
export interface Operation {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  readonly path: string;
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** `overlay`: authenticated, or anyone for the names that the operator opened; refuses in the words of `overlay-express`. */
  readonly access: 'brc-103' | 'callback-token' | 'facilitator-token' | 'open' | 'overlay' | 'person';
  /** It needs no key of its caller: people with a session and machines with a client certificate may come (`people` of the route). */
  readonly people?: true;
  readonly parameters?: readonly Parameter[];
  readonly body?: readonly Content[];
  readonly answers: Readonly<Record<number, Answer>>;
  /** What this route can refuse with beside what every route can. */
  readonly problems: readonly RejectionCode[];
}
