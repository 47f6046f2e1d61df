import type { Txid } from './bytes';

/** What a caller may do after a refusal (DESIGN §7): send the same bytes again, pay, change the request, or give up. */
export type NextStep = 'retry-same' | 'pay' | 'fix' | 'stop';

interface RejectionRow {
  readonly status: number;
  readonly sentence: string;
  readonly next: NextStep;
}

const row = (status: number, next: NextStep, sentence: string): RejectionRow => ({ status, sentence, next });

/** The closed table of refusals. A code that is not here cannot be answered. */
export const rejections = {
  // the door
  'request-malformed': row(400, 'fix', 'The request is not well formed.'),
  'header-duplicated': row(400, 'fix', 'A header that may appear once appears more than once.'),
  'body-too-large': row(413, 'fix', 'The body is larger than this route accepts.'),
  'headers-too-large': row(431, 'fix', 'The headers are larger than this gateway accepts.'),
  'content-encoding-refused': row(415, 'fix', 'Compressed bodies are not accepted.'),
  'media-type-unsupported': row(415, 'fix', 'This route does not accept this content type.'),
  'request-timeout': row(408, 'retry-same', 'The request took too long to arrive.'),
  'rate-limited': row(429, 'retry-same', 'Too many requests.'),
  'route-not-found': row(404, 'stop', 'There is no such route.'),
  'method-not-allowed': row(405, 'stop', 'This route does not answer this method.'),
  // identity (BRC-103, BRC-104)
  'auth-required': row(401, 'fix', 'This route needs BRC-103 mutual authentication.'),
  'auth-malformed': row(401, 'fix', 'An authentication header or message is not well formed.'),
  'auth-version-unsupported': row(401, 'fix', 'This authentication version is not supported.'),
  'auth-session-unknown': row(401, 'fix', 'The session is unknown or has ended; authenticate again.'),
  'auth-identity-mismatch': row(401, 'stop', 'The identity key is not the one this session was opened for.'),
  'auth-signature-invalid': row(401, 'stop', 'The signature does not match this request.'),
  'auth-replayed': row(401, 'stop', 'This signed request was received before.'),
  'auth-message-unexpected': row(400, 'stop', 'No message of this type was asked for.'),
  // people and machines without a key
  'identity-key-required': row(403, 'stop', 'This takes a key that signs the request; a person or a machine has none.'),
  'person-session-ended': row(401, 'fix', 'The session of the person has ended; log in again.'),
  'person-origin-foreign': row(403, 'stop', 'The request does not come from the pages of this gateway.'),
  'login-not-offered': row(404, 'stop', 'No identity provider is set here, so nobody can log in.'),
  'login-malformed': row(400, 'fix', 'The login was not begun in this browser, or too long ago; begin again.'),
  'login-refused': row(
    403,
    'fix',
    'The identity provider did not say, or not so that it can be believed, who this is.',
  ),
  'login-without-role': row(403, 'stop', 'Nobody has given this account a role here.'),
  'login-unavailable': row(503, 'retry-same', 'The identity provider does not answer as it should.'),
  'setup-link-invalid': row(403, 'stop', 'The setup link was used, has expired, or was never given.'),
  // certificates (BRC-52, BRC-103)
  'certificate-malformed': row(400, 'fix', 'The certificate is not well formed.'),
  'certificate-untrusted': row(403, 'stop', 'No certificate of this certifier and type is accepted here.'),
  'certificate-foreign': row(403, 'stop', 'The subject of the certificate is not the caller.'),
  'certificate-field-missing': row(422, 'fix', 'A field that is asked for is not disclosed.'),
  'certificate-undecryptable': row(422, 'fix', 'The key that is given for a field does not open it.'),
  'certificate-signature-invalid': row(422, 'stop', 'The certificate is not signed by the certifier that it names.'),
  'certificate-revoked': row(403, 'stop', 'The certificate is revoked.'),
  'certificate-conflict': row(409, 'stop', 'This serial number was presented with another content.'),
  'certificate-erased': row(
    409,
    'stop',
    'What it disclosed was erased at its subject’s wish; POST /v1/certificates discloses it again.',
  ),
  'certificate-unknown': row(404, 'stop', 'Nothing that your organisation did rests on such a certificate.'),
  'revocation-unknown': row(503, 'retry-same', 'It could not be found out whether the certificate is revoked.'),
  // policies
  'policy-denied': row(403, 'stop', 'The policies of this gateway do not permit this.'),
  // what several organisations decide together
  'proposal-required': row(403, 'stop', 'The policies permit this with approvals of organisations; propose it.'),
  'proposal-unknown': row(404, 'stop', 'There is no such proposal.'),
  'proposal-ended': row(409, 'stop', 'The proposal was submitted or withdrawn, or its deadline is over.'),
  'proposal-conflict': row(409, 'stop', 'The same transaction is proposed to these topics on other terms.'),
  'proposal-late': row(422, 'fix', 'The deadline is over, or too far away.'),
  'proposals-exhausted': row(409, 'retry-same', 'As many proposals of the organisation are open as may be.'),
  'approval-unknown': row(404, 'stop', 'The caller has not approved this proposal.'),
  'approval-signature-invalid': row(
    422,
    'fix',
    'The signature is not the caller’s over the statement of the proposal.',
  ),
  'approvals-exhausted': row(409, 'stop', 'The organisation, or this identity, has approved as often as it may.'),
  'approver-ambiguous': row(422, 'fix', 'The caller may approve for several parties; name one.'),
  'approval-lapsed': row(409, 'retry-same', 'An approval was taken back or ended while it was counted.'),
  'quorum-incomplete': row(409, 'retry-same', 'Too few of the parties have approvals that stand.'),
  // what this gateway certifies (BRC-53)
  'certification-not-offered': row(403, 'stop', 'No certificate of this type is given to this identity.'),
  'certification-nonce-invalid': row(422, 'fix', 'The nonce was not made by the caller for this certifier.'),
  'certification-pending': row(409, 'retry-same', 'The request waits for the decision of the certifier.'),
  'certification-refused': row(403, 'stop', 'The certifier refused the request.'),
  'certification-exhausted': row(409, 'stop', 'This identity has as many certificates of this type as it may have.'),
  'certification-conflict': row(409, 'stop', 'The state of the certification does not allow this.'),
  'certification-busy': row(503, 'retry-same', 'The certificate is being made or revoked at this moment.'),
  'certification-unknown': row(404, 'stop', 'There is no such certification.'),
  'certifier-only': row(403, 'stop', 'Only the organisation of the certifier may do this.'),
  'certifier-unavailable': row(503, 'retry-same', 'The wallet of the certifier does not answer as it should.'),
  // the trust registry
  'trust-registry-absent': row(403, 'stop', 'No registry is kept here for the organisation of this identity.'),
  'trust-change-unknown': row(404, 'stop', 'There is no such change.'),
  'trust-change-ended': row(409, 'stop', 'The change was withdrawn, or has been agreed to already.'),
  'trust-change-late': row(422, 'fix', 'What the change begins would end before it begins.'),
  'trust-rule-unknown': row(404, 'stop', 'No such rule or pin is in force, or will be.'),
  'trust-rule-conflict': row(409, 'stop', 'The change contradicts what is in force, or will be.'),
  'trust-limit-exceeded': row(409, 'stop', 'The registry of the organisation is full.'),
  'trust-bundle-malformed': row(400, 'fix', 'The bytes are not a trust bundle.'),
  'trust-bundle-signature-invalid': row(422, 'stop', 'The bundle is not signed by the issuer that it names.'),
  'trust-certifier-foreign': row(422, 'stop', 'A certifier does not say that it certifies for this organisation.'),
  'trust-bundle-unpinned': row(403, 'stop', 'The issuer may not speak for this organisation here.'),
  'trust-bundle-expired': row(409, 'stop', 'The bundle has expired.'),
  'trust-bundle-stale': row(409, 'stop', 'A bundle with this sequence number or a later one was imported before.'),
  // payment (BRC-105, BRC-29). 402 only ever means "pay these terms": AuthFetch takes every 402 as a bill, so a payment that is refused for good is not one.
  'payment-required': row(402, 'pay', 'This route has a price.'),
  'payment-malformed': row(400, 'fix', 'The payment header is not well formed.'),
  'payment-quote-unknown': row(409, 'stop', 'These payment terms were not given to this identity for this request.'),
  'payment-quote-expired': row(409, 'stop', 'These payment terms have expired.'),
  'payment-underpaid': row(402, 'pay', 'The payment is smaller than the price.'),
  'payment-wrong-key': row(422, 'stop', 'The payment is not locked to the key of these terms.'),
  'payment-unproven': row(422, 'stop', 'The payment transaction could not be proven.'),
  'payment-already-spent': row(409, 'stop', 'This payment was already taken, for another request or too long ago.'),
  'payment-inexact': row(
    422,
    'stop',
    'The payment is larger than the price, where the dialect takes the price exactly.',
  ),
  'payment-dialect-refused': row(
    400,
    'fix',
    'The payment comes in a way that this route does not take, or in two ways at once.',
  ),
  'payment-unknown': row(
    503,
    'retry-same',
    'A payment has come for this request, and it is not known yet whether it is good; do not pay again.',
  ),
  'payment-not-found': row(404, 'stop', 'The caller has no such payment and no such terms.'),
  'facilitator-unauthorised': row(401, 'stop', 'The token of the facilitator is not valid.'),
  'payment-exposed': row(
    503,
    'retry-same',
    'As much is being served as may be before the network has its payments; send the same payment again.',
  ),
  'payment-credited': row(
    409,
    'retry-same',
    'Serving failed and the payment was credited to your account; send the request without it.',
  ),
  'payment-debt-open': row(
    403,
    'fix',
    'A payment of yours was refused by the network after it was taken; what is owed has to be paid first.',
  ),
  'account-exhausted': row(
    409,
    'retry-same',
    'Others drew on the account at the same time; the same request again is told its price.',
  ),
  'account-not-found': row(404, 'stop', 'There is no such account, or it is another’s.'),
  'plan-conflict': row(409, 'stop', 'The plan cannot follow the one of this name.'),
  'plan-forbidden': row(
    403,
    'stop',
    'Plans and other customers’ accounts are for owners and operators of the organisation that runs this gateway.',
  ),
  'treasury-forbidden': row(
    403,
    'stop',
    'The treasury and the payments of others are for owners and operators of the organisation that runs this gateway.',
  ),
  'treasury-insufficient': row(409, 'stop', 'What is free in the treasury does not reach for this and its fee.'),
  // BEEF and BUMP bytes (BRC-62, 74, 95, 96)
  'beef-malformed': row(400, 'fix', 'The bytes are not a BEEF.'),
  'beef-truncated': row(400, 'fix', 'The BEEF ends before what it declares.'),
  'beef-trailing-bytes': row(400, 'fix', 'Bytes follow the end of the BEEF.'),
  'beef-not-canonical': row(400, 'fix', 'The BEEF is not in its one canonical encoding.'),
  'beef-limit-exceeded': row(400, 'fix', 'The BEEF exceeds a limit.'),
  'beef-txid-only': row(400, 'fix', 'The BEEF holds a transaction id in place of a transaction.'),
  'beef-duplicate-transaction': row(400, 'fix', 'The BEEF holds one transaction twice.'),
  'beef-order-invalid': row(400, 'fix', 'A transaction comes before its parent.'),
  'beef-parent-missing': row(400, 'fix', 'An unproven transaction lacks a parent.'),
  'beef-subject-missing': row(400, 'fix', 'The subject transaction is not in the BEEF.'),
  'beef-unrelated-transaction': row(400, 'fix', 'The BEEF holds a transaction that is no ancestor of its subject.'),
  'bump-malformed': row(400, 'fix', 'A Merkle path is not well formed.'),
  'bump-transaction-missing': row(422, 'fix', 'A Merkle path does not hold the transaction it is given for.'),
  'proof-root-invalid': row(422, 'stop', 'A Merkle path leads to a root that is not in the block at its height.'),
  // transaction rules
  'transaction-malformed': row(400, 'fix', 'The bytes are not a transaction.'),
  'transaction-input-missing': row(422, 'stop', 'A transaction without inputs must be proven in a block.'),
  'transaction-output-missing': row(422, 'stop', 'A transaction must have an output.'),
  'transaction-output-unknown': row(422, 'stop', 'An input names an output that its parent does not have.'),
  'transaction-value-invalid': row(422, 'stop', 'An output value is out of range.'),
  'transaction-inflates': row(422, 'stop', 'A transaction pays out more than it takes in.'),
  'transaction-double-spend': row(422, 'stop', 'One outpoint is spent twice within the submitted transactions.'),
  'transaction-not-final': row(422, 'stop', 'A transaction is not final yet.'),
  'transaction-leaf-ambiguous': row(
    422,
    'stop',
    'A proven transaction of 64 bytes could be an inner node of the tree.',
  ),
  'transaction-script-failed': row(422, 'stop', 'An unlocking script does not satisfy its locking script.'),
  'transaction-script-limit': row(422, 'stop', 'A script exceeds its budget.'),
  'transaction-version-unsupported': row(422, 'stop', 'The transaction version is not supported.'),
  'coinbase-immature': row(422, 'retry-same', 'A coinbase output is spent before 100 blocks.'),
  // state
  'topics-malformed': row(400, 'fix', 'The topics are missing or not well formed.'),
  'topic-unknown': row(400, 'fix', 'This gateway does not host this topic.'),
  'topic-refused': row(422, 'stop', 'A topic refused the transaction.'),
  'topic-failed': row(422, 'stop', 'A topic could not judge the transaction.'),
  'topic-unavailable': row(503, 'retry-same', 'A topic did not judge the transaction in its time.'),
  'mode-unknown': row(400, 'fix', 'There is no such mode of submission.'),
  'basket-name-invalid': row(400, 'fix', 'A basket name does not follow BRC-46.'),
  'basket-output-unknown': row(422, 'fix', 'A basket is named for an output that no topic admitted.'),
  'basket-output-invalid': row(422, 'fix', 'What an output is to be kept with is out of bounds.'),
  'basket-output-absent': row(404, 'stop', 'The output is not in this basket.'),
  'tag-invalid': row(400, 'fix', 'A tag or label does not follow BRC-46.'),
  'output-reserved': row(409, 'retry-same', 'An output that the transaction spends is reserved for another caller.'),
  'reservation-unknown': row(404, 'stop', 'There is no such reservation.'),
  'reservation-ended': row(409, 'stop', 'The reservation has expired, was released, or was consumed.'),
  'reservation-unused': row(422, 'fix', 'The transaction spends nothing of the reservation that it names.'),
  'stock-insufficient': row(409, 'retry-same', 'The basket does not hold enough that is free.'),
  'offer-unknown': row(404, 'stop', 'There is no such offer.'),
  'offer-ended': row(409, 'stop', 'The offer has expired, was withdrawn, or was taken.'),
  'offer-altered': row(409, 'stop', 'The terms that were accepted are not those of the offer.'),
  'offer-unfulfilled': row(422, 'fix', 'The transaction does not do what the offer asks.'),
  'outpoint-spent': row(409, 'stop', 'An outpoint is already spent by another transaction.'),
  'parent-retracted': row(409, 'stop', 'A parent transaction was refused by the network.'),
  'coins-changed': row(409, 'retry-same', 'A coin that the transaction spends appeared or left while it was judged.'),
  'already-applied': row(409, 'stop', 'The transaction was already applied by another request.'),
  'idempotency-key-malformed': row(400, 'fix', 'The Idempotency-Key is not well formed.'),
  'idempotency-conflict': row(422, 'fix', 'This Idempotency-Key was used with another request.'),
  'submission-unknown': row(404, 'stop', 'There is no such submission.'),
  'lookup-unknown': row(404, 'stop', 'This gateway does not host this lookup service.'),
  'lookup-failed': row(503, 'retry-same', 'A lookup service did not answer, or not as it should.'),
  'subscription-unknown': row(404, 'stop', 'There is no such subscription.'),
  'subscription-refused': row(422, 'fix', 'Events cannot be delivered to this address.'),
  'subscriptions-busy': row(503, 'retry-same', 'This gateway has as many subscribers as it takes.'),
  'output-unknown': row(404, 'stop', 'There is no such output in this topic.'),
  'query-malformed': row(400, 'fix', 'The query is not well formed.'),
  'callback-unauthorised': row(401, 'stop', 'The callback token is not valid.'),
  // ours
  'chain-unsettled': row(503, 'retry-same', 'The block headers needed to judge a proof are not known here yet.'),
  'verification-busy': row(503, 'retry-same', 'The verification workers are busy.'),
  'bulk-busy': row(503, 'retry-same', 'This gateway has as many batches in hand as it takes.'),
  'database-unavailable': row(503, 'retry-same', 'The database does not answer.'),
  'shutting-down': row(503, 'retry-same', 'This gateway is stopping.'),
  'internal-fault': row(500, 'retry-same', 'The gateway failed; nothing was changed by this request.'),
} as const satisfies Record<string, RejectionRow>;

export type RejectionCode = keyof typeof rejections;

/** Which transaction, and which of its inputs, a refusal is about; or which topic refuses. */
export interface RejectionPlace {
  readonly txid?: Txid;
  readonly input?: number;
  readonly topic?: string;
}

/** An expected refusal: returned, never thrown, by the core. `detail` names the rule's subject (txid, index, limit); it never echoes input. */
export interface Rejection {
  readonly code: RejectionCode;
  readonly detail: string;
  /** For whoever explains the refusal: there wherever it concerns one transaction. */
  readonly at?: RejectionPlace;
}

export type Result<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly rejection: Rejection };

export const accept = <T>(value: T): Result<T> => ({ ok: true, value });

export const reject = (
  code: RejectionCode,
  detail: string = rejections[code].sentence,
  at?: RejectionPlace,
): Result<never> => ({
  ok: false,
  rejection: at === undefined ? { code, detail } : { code, detail, at },
});
