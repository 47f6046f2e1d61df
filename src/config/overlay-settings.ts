import { isLookupName, isTopicName } from '#atomic-core';
import { z } from 'zod';
import { described, httpUrl, milliseconds, structured, wholeNumber } from './fields';

const isHostedName = (name: string): boolean => isTopicName(name) || isLookupName(name);
const hostedName = z.string().refine(isHostedName, 'must be a `tm_` or `ls_` name (BRC-87)');

/** One topic manager or lookup service of somebody else's, as `@bsv/overlay` defines them. */
const hostedExtension = z.strictObject({
  name: hostedName,
  /** A package name, or a path that starts with `.` or `/`. */
  module: z.string().trim().min(1),
  /** Which export of the module; absent: the default one, else the only one. */
  export: z.string().trim().min(1).optional(),
  /** Given to a class or factory; an object is taken as it is. */
  options: z.unknown().optional(),
  /** Of a lookup service. `process`: it keeps what it is told in memory, so each process tells its own from the beginning. */
  storage: z.enum(['own', 'process']).optional(),
});

const topics = z
  .array(hostedExtension)
  .max(64)
  .superRefine((value, context) => {
    if (new Set(value.map(({ name }) => name)).size !== value.length) {
      context.addIssue({ code: 'custom', message: 'must not list a name twice' });
    }
  });

/** Topics of others, the overlay routes, and what leaves through them. */
export const overlaySettings = {
  topics: described(
    structured(topics).default([]),
    'JSON: list of `{name, module, export?, options?, storage?}`: topic managers and lookup services of `@bsv/overlay`, by package name or path',
  ),
  topicTimeoutMs: described(
    milliseconds(50, 60_000).default(2_000),
    'Time that a hosted topic or lookup may take to answer',
  ),
  topicMemoryMb: described(
    wholeNumber(32, 4_096).default(128),
    'Memory limit of the thread of one hosted topic or lookup',
  ),
  overlayOpen: described(
    structured(z.array(z.union([z.literal('*'), hostedName])).max(256)).default([]),
    'JSON: list of `tm_` and `ls_` names, or `*`, that the overlay routes serve to anyone; all others only to authenticated callers',
  ),
  overlayRequestsPerMinute: described(
    wholeNumber(1, 1_000_000).default(600),
    'Requests a minute that one address may make to the overlay routes without authentication',
  ),
  overlayDiscovery: described(
    z.enum(['off', 'host', 'advertise']).default('off'),
    '`host` keeps the topics `tm_ship` and `tm_slap`; `advertise` also announces what this gateway hosts under its public URL',
  ),
  overlayWalletUrl: described(
    httpUrl().optional(),
    'BRC-100 wallet (JSON over HTTP) that makes the advertisements and the revocation outpoints of own certificates',
  ),
  gaspPeers: described(
    structured(z.record(z.string().refine(isTopicName, 'must be a `tm_` name'), z.array(httpUrl()).max(32))).default(
      {},
    ),
    'JSON: topic → list of URLs of hosts whose outputs are fetched (GASP)',
  ),
  gaspIntervalMs: described(milliseconds(1_000, 86_400_000).default(60_000), 'Pause between two looks at a GASP peer'),
  webhookHosts: described(
    structured(
      z.array(z.string().regex(/^(\*|[^\s/:*]+(:\d{1,5})?)$/u, 'must be host, host:port or *')).max(256),
    ).default([]),
    'JSON: list of hosts that events may be delivered to; `*` allows every public one',
    'none: nobody can register a webhook',
  ),
  eventStreamsMax: described(wholeNumber(0, 100_000).default(256), 'Event streams that one process keeps open'),
  reservationMsMax: described(
    milliseconds(1_000, 86_400_000).default(3_600_000),
    'Longest time that a reservation may be held before it is renewed',
  ),
} as const;

export type HostedExtension = z.output<typeof hostedExtension>;
