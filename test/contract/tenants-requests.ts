import { HOOKS, offerBody, trustBody, type Estate } from './tenants-estate';

export interface Request {
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

const inAnHour = (): string => new Date(Date.now() + 3_600_000).toISOString();
const octets = (base64: string): Buffer => Buffer.from(base64, 'base64');

/** Whose terms they are and whose key, with a payment that is none. */
const orderOf = (derivationPrefix: string, senderIdentityKey: string, transaction: string): unknown => {
  const [scheme, network, payTo] = ['exact', 'bsv:devnet', senderIdentityKey];
  const accepted = { scheme, network, amount: '1', asset: 'BSV', payTo, maxTimeoutSeconds: 60 };
  const derivationSuffix = Buffer.from(String(Date.now())).toString('base64');
  const payload = { transaction, derivationPrefix, derivationSuffix, senderIdentityKey, outputIndex: 0 };
  return { x402Version: 2, paymentPayload: { x402Version: 2, accepted, payload }, paymentRequirements: accepted };
};

/** What is sent where a route takes more than its path: what they asked themselves, or what would take something from them. */
export const writeRequests = ({ owner, owned, beef, documentBeef, certificate }: Estate): Record<string, Request[]> => {
  const [basket, tag, label] = [owned.basket[0]!, owned.tag[0]!, owned.label[0]!];
  const reservation = owned.reservation[0]!;
  const key = { 'idempotency-key': owned.idempotencyKey[0]! };
  const identityKey = owned.identityKey[0]!;
  const topics = ['tm_documents'];
  const kept = {
    baskets: { 0: { basket, tags: [tag], customInstructions: owned.customInstructions[0]! } },
    ...{ labels: [label], offChainValues: owned.offChainValues[0]! },
  };
  const submission = { beef, topics, ...kept, reservation };
  const asOctets = { 'content-type': 'application/octet-stream' };
  const decided: Request[] = [{}];
  return {
    'POST /v1/submissions': [
      { body: submission, headers: key },
      { body: { beef, reservation } },
      { body: { beef: documentBeef, topics }, headers: key },
    ],
    'POST /v1/submissions/batch': [
      {
        headers: { 'content-type': 'application/x-ndjson' },
        body: `${JSON.stringify({ ...submission, idempotencyKey: owned.idempotencyKey[0]! })}\n${JSON.stringify({ beef: documentBeef, topics })}\n`,
      },
    ],
    'POST /v1/proposals': [{ body: { beef, topics, parties: ['acme', 'bolt'], deadline: inAnHour(), ...kept } }],
    'POST /v1/proposals/{id}/approvals': [
      { body: { signature: owned.approvalSignature[0]!, organisation: 'acme' } },
      { body: { signature: owned.approvalSignature[0]! } },
    ],
    'POST /v1/proposals/{id}/submission': decided,
    'POST /v1/verifications': [
      { body: submission },
      { body: { beef, reservation } },
      { body: { beef: documentBeef, topics } },
    ],
    'POST /v1/lookup': [{ body: { service: 'ls_documents', query: { documentId: 'shown' } } }],
    'POST /lookup': [{ body: { service: 'ls_documents', query: { documentId: 'shown' } } }],
    'POST /submit': [{ headers: { ...asOctets, 'x-bsv-topics': '["tm_documents"]' }, body: octets(documentBeef) }],
    'POST /requestSyncResponse': [
      { headers: { 'x-bsv-topic': 'tm_documents' }, body: { version: 1, since: 0, limit: 100 } },
    ],
    'POST /requestForeignGASPNode': [
      ...[...owned.document, ...owned.txid].map((txid) => ({
        body: { graphID: `${txid}.0`, txid, outputIndex: 0, metadata: true },
      })),
      { body: { graphID: owned.documentOutpoint[0]!, txid: owned.txid[0]!, outputIndex: 0 } },
    ],
    'GET /v1/topics/{topic}/outputs': [
      {},
      ...[...owned.document, ...owned.txid].map((txid) => ({ query: { txid, state: 'all', include: 'beef' } })),
    ],
    'GET /v1/topics/{topic}/events': [{ query: { after: '0', limit: '100' } }],
    'POST /v1/topics/{topic}/webhooks': [
      { body: { url: owned.webhookUrl[0]! } },
      { body: { url: `http://${HOOKS}/mine` } },
    ],
    'POST /v1/topics/{topic}/webhooks/{id}/enable': decided,
    'GET /v1/baskets/{basket}/outputs': [
      { query: { tags: tag, includeLabels: 'true', include: 'locking scripts' } },
      {},
    ],
    'POST /v1/baskets/reservations': [
      { body: { basket, tags: [tag], quantity: 1 }, headers: key },
      { body: { basket, outputs: 1 } },
    ],
    'POST /v1/baskets/reservations/{id}/renew': [{ body: { ttlSeconds: 3_600 } }],
    'POST /v1/inventory/{product}/reservations': [{ body: { quantity: 1 }, headers: key }],
    'POST /v1/accounts/top-ups': [{ body: { satoshis: 1 } }],
    'POST /v1/treasury/sweeps': [{ body: { to: { identityKey } }, headers: key }],
    'GET /v1/payments': [{ query: { whose: 'all' } }, {}],
    'POST /v1/plans': [{ body: { name: 'theirs', customers: [owned.organisation[0]!], routes: [] } }],
    'POST /v1/offers': [{ body: offerBody(owner, owned.outpoint[1]!, basket), headers: key }],
    'POST /v1/offers/{id}/acceptances': [
      {
        headers: key,
        body: {
          ...{ beef, assetVout: 0, basket, tags: [tag], termsDigest: 'ab'.repeat(32), labels: [label] },
          customInstructions: owned.customInstructions[0]!,
        },
      },
    ],
    'POST /v1/wallet/internalizeAction': [
      {
        body: {
          ...{ tx: [...octets(beef)], description: 'take it over', labels: [label] },
          outputs: [
            {
              ...{ outputIndex: 0, protocol: 'basket insertion' },
              insertionRemittance: { basket, tags: [tag], customInstructions: owned.customInstructions[0]! },
            },
          ],
        },
      },
    ],
    'POST /v1/wallet/listOutputs': [
      { body: { basket, tags: [tag], includeTags: true, includeLabels: true } },
      { body: { basket } },
    ],
    'POST /v1/wallet/relinquishOutput': owned.outpoint.map((output) => ({ body: { basket, output } })),
    'GET /v1/identity': [
      {
        headers: {
          'x-bsv-payment': JSON.stringify({
            derivationPrefix: owned.paymentPrefix[0]!,
            derivationSuffix: 'AAAA',
            transaction: beef,
          }),
        },
      },
    ],
    'POST /v1/certificates': [{ body: certificate }],
    'GET /v1/certificates': [{ query: { values: 'true' } }],
    'POST /v1/certifier/signCertificate': [{ body: {} }],
    'POST /v1/certifications/{id}/approve': decided,
    'POST /v1/certifications/{id}/refuse': decided,
    'POST /v1/certifications/{id}/revoke': decided,
    'POST /v1/policies/explain': [
      { body: { identityKey, method: 'GET', path: '/v1/baskets' } },
      { body: { identityKey, topic: 'tm_documents', approvals: ['acme'] } },
    ],
    'POST /v1/trust/changes': [
      { body: trustBody('cd') },
      { body: { kind: 'pin', gateway: identityKey, organisation: 'acme' } },
      ...[...owned.trustRule, ...owned.trustPin].map((id) => ({ body: { kind: 'end', id } })),
    ],
    'POST /v1/trust/changes/{id}/approvals': decided,
    'POST /v1/trust/bundles': [
      { body: { bundle: { version: 1, organisation: 'acme' }, signature: owned.approvalSignature[0]! } },
    ],
    'POST /x402/verify': [{ body: orderOf(owned.paymentPrefix[0]!, identityKey, beef) }],
    'POST /x402/settle': [{ body: orderOf(owned.paymentPrefix[0]!, identityKey, beef) }],
    'POST /callbacks/arc': owned.txid.map((txid) => ({ body: { txid } })),
    'POST /.well-known/auth': [
      { body: { version: '0.1', messageType: 'general', identityKey, signature: owned.approvalSignature[0]! } },
    ],
    'POST /people/setup': [{ body: { token: 'none', organisation: 'acme', identityKey } }],
  };
};
