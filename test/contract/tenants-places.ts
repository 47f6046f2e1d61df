import type { Kind } from './tenants-estate';

/**
 * What each place of a request can name of an organisation's. A place that neither is here nor names nothing of anybody's stops the test: whoever adds one
 * says what it is tried with.
 */
const NAMES: Readonly<Record<string, readonly Kind[]>> = {
  ...{
    idOrTxid: ['submission', 'txid', 'document'],
    hash: ['certificateHash'],
    basket: ['basket'],
    product: ['basket'],
  },
  ...{ output: ['outpoint'], tags: ['tag'], labels: ['label'], reservation: ['reservation'] },
  ...{ 'idempotency-key': ['idempotencyKey'], idempotencyKey: ['idempotencyKey'], txid: ['document', 'txid'] },
  ...{ graphID: ['documentOutpoint'], serialNumber: ['serialNumber'], revocationOutpoint: ['revocationOutpoint'] },
  ...{ subject: ['identityKey'], identityKey: ['identityKey'], buyerKey: ['identityKey'] },
  ...{ organisation: ['organisation'], parties: ['organisation'], approvals: ['organisation'], url: ['webhookUrl'] },
  ...{ offChainValues: ['offChainValues'], customInstructions: ['customInstructions'] },
  ...{ 'x-bsv-payment': ['paymentPrefix'], reference: ['paymentPrefix'], derivationPrefix: ['paymentPrefix'] },
  ...{ senderIdentityKey: ['identityKey'], holder: ['organisation', 'identityKey'], customers: ['organisation'] },
};
/** What `{id}` and `{outpoint}` are, by the beginning of the path. */
const PLACES: readonly (readonly [begin: string, name: string, kind: Kind])[] = [
  ...([
    ['/v1/proposals/', 'id', 'proposal'],
    ['/v1/topics/{topic}/webhooks/', 'id', 'webhook'],
    ['/v1/baskets/reservations/', 'id', 'reservation'],
    ['/v1/baskets/{basket}/outputs/', 'outpoint', 'outpoint'],
    ['/v1/offers/', 'id', 'offer'],
    ['/v1/trust/changes/', 'id', 'trustChange'],
    ['/v1/certifications/', 'id', 'certification'],
    ['/certificate-status/', 'outpoint', 'revocationOutpoint'],
  ] as const),
];
/** In bodies, where a name alone does not say it. */
const IN_BODY: Readonly<Record<string, readonly Kind[]>> = {
  'POST /v1/trust/changes id': ['trustRule', 'trustPin'],
  'POST /v1/offers outpoint': ['outpoint'],
  'POST /v1/proposals/{id}/approvals signature': ['approvalSignature'],
};
const NAMELESS = new Set([
  // What the gateway hosts, for everybody.
  ...['topic', 'topics', 'x-topics', 'x-bsv-topic', 'service', 'lookupService', 'manager', 'query', 'key', 'action'],
  // Positions in a list, of whoever asks; and numbers.
  ...[
    'before',
    'after',
    'since',
    'offset',
    'at',
    'limit',
    'days',
    'last-event-id',
    'outputIndex',
    'assetVout',
    'version',
  ],
  ...['quantity', 'satoshis', 'outputs', 'ttlSeconds', 'needed', 'sequence', 'values', 'include', 'metadata', 'state'],
  // Choices.
  ...[
    'mode',
    'prefer',
    'tagQueryMode',
    'includeCustomInstructions',
    'includeTags',
    'includeLabels',
    'protocol',
    'kind',
  ],
  ...[
    'seekPermission',
    'whose',
    'x-includes-off-chain-values',
    'x-aggregation',
    'revocable',
    'everywhere',
    'messageType',
  ],
  // Content, which is the stranger's own once it has it.
  ...['beef', 'tx', 'asset', 'price', 'insertionRemittance', 'description', 'lockingScript', 'termsDigest', 'bundle'],
  ...['fields', 'keyring', 'masterKeyring', 'rules', 'endorsement', 'type', 'types', 'merklePath', 'callbacks', 'step'],
  ...['from', 'until', 'deadline', 'expiresAt', 'effectiveAt', 'issuedAt', 'method', 'path', 'baskets'],
  // Parties outside of the gateway, and what only they can make.
  ...['certifier', 'certifiers', 'gateway', 'issuer', 'clientNonce', 'nonce', 'initialNonce', 'yourNonce'],
  ...['certificates', 'requestedCertificates', 'signature'],
  // What a payment of x402 is made of, and what was asked for it.
  ...['x402Version', 'paymentPayload', 'paymentRequirements', 'accepted', 'payload', 'transaction', 'derivationSuffix'],
  ...['scheme', 'network', 'amount', 'payTo', 'maxTimeoutSeconds'],
  // What a plan says; and how a statement is written.
  ...[
    'name',
    'routes',
    'flat',
    'period',
    'tiers',
    'upTo',
    'meter',
    'base',
    'perKilobyte',
    'perTransaction',
    'perInput',
  ],
  ...['perOutput', 'ceiling', 'allowance', 'requests', 'per', 'discountPercent', 'creditLimit', 'format'],
  // Where what was paid goes: outside of the gateway.
  ...['to', 'address', 'outputsMax', 'satoshisPerKilobyte'],
  // Not a name but a proof, at the door of a gateway that has nobody yet; and where a login leads, on this gateway.
  ...['token', 'returnTo'],
]);

export interface Operation {
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: unknown }>> };
}

/** Names of members, however deep. */
const listMembers = (schema: unknown, found: Set<string> = new Set()): Set<string> => {
  const pending = [schema];
  for (let one = pending.pop(); one !== undefined; one = pending.pop()) {
    if (typeof one !== 'object' || one === null) continue;
    const { properties, items, anyOf, oneOf, allOf, additionalProperties } = one as Record<string, unknown>;
    for (const [name, inner] of Object.entries(properties ?? {})) {
      found.add(name);
      pending.push(inner);
    }
    pending.push(
      ...[items, additionalProperties, ...[anyOf, oneOf, allOf].flat()].filter((inner) => inner !== undefined),
    );
  }
  return found;
};

/** Each place of the operation, with what it can name; throws for one that nobody has said anything about. */
export const listPlaces = (
  operation: string,
  path: string,
  described: Operation,
): ReadonlyMap<string, readonly Kind[]> => {
  const members = new Set<string>();
  for (const { schema } of Object.values(described.requestBody?.content ?? {})) listMembers(schema, members);
  const places = new Map<string, readonly Kind[]>();
  for (const { in: where, name: spelt } of described.parameters ?? []) {
    const name = where === 'header' ? spelt.toLowerCase() : spelt;
    const kind = PLACES.find(([begin, part]) => where === 'path' && part === name && path.startsWith(begin))?.[2];
    const kinds = kind === undefined ? NAMES[name] : [kind];
    if (kinds !== undefined) places.set(`${where} ${name}`, kinds);
    else if (!NAMELESS.has(name)) throw new Error(`Nobody has said what ${name} of ${operation} is tried with.`);
  }
  for (const name of members) {
    const kinds = IN_BODY[`${operation} ${name}`] ?? NAMES[name];
    if (kinds !== undefined) places.set(`body ${name}`, kinds);
    else if (!NAMELESS.has(name)) throw new Error(`Nobody has said what ${name} of ${operation} is tried with.`);
  }
  return places;
};
