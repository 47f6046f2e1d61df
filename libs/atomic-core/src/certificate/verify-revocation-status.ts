import { isTxid } from '../bytes';
import { isIdentityKey } from '../identity/gateway-keys';
import { type Result, accept, reject } from '../rejection';
import { verifyOpenSignature } from '../transition/verify-open-signature';
import { isMoment } from '../trust/read-trust-bundle';
import { writeCanonicalJson } from '../trust/write-canonical-json';
import { isSuccessor } from './key-succession';
import { STATUS_KEY_ID, STATUS_PROTOCOL, type RevocationStatus } from './revocation-status';

const STATUS_VERSION = 1;
/** milliseconds: a statement of longer life would be worth stealing, since who replays it hides a revocation so long. */
export const STATUS_LIFE_MS_MAX = 3_600_000;
/** milliseconds that two clocks may differ. */
const SKEW_MS_MAX = 60_000;
const DER = /^(?:[0-9a-f]{2}){8,72}$/u;
const OUTPOINT = /^[0-9a-f]{64}\.(?:0|[1-9][0-9]{0,9})$/u;

/** As it is sent: what is absent is null. */
export const writeStatusJson = ({ spenderTxid, ...status }: RevocationStatus) => ({
  version: STATUS_VERSION,
  ...status,
  spenderTxid: spenderTxid ?? null,
});

/** As it is signed: RFC 8785. */
export const writeRevocationStatus = (status: RevocationStatus): Buffer =>
  Buffer.from(writeCanonicalJson({ version: STATUS_VERSION, ...status }), 'utf8');

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const readStatus = (value: unknown): RevocationStatus | undefined => {
  if (!isRecord(value) || value['version'] !== STATUS_VERSION) return undefined;
  const { certifier, outpoint, state, asOf, spenderTxid, issuedAt, validUntil } = value;
  if (!isIdentityKey(certifier) || typeof outpoint !== 'string' || !OUTPOINT.test(outpoint)) return undefined;
  if (!isMoment(asOf) || !isMoment(issuedAt) || !isMoment(validUntil)) return undefined;
  const moments = { asOf, issuedAt, validUntil };
  if (state === 'good' && spenderTxid === null)
    return { certifier, outpoint, state, ...moments, spenderTxid: undefined };
  if (state === 'revoked' && typeof spenderTxid === 'string' && isTxid(spenderTxid))
    return { certifier, outpoint, state, ...moments, spenderTxid };
  return undefined;
};

export interface StatusQuestion {
  readonly certifier: string;
  readonly outpoint: string;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

const malformed = (detail: string): Result<never> => reject('revocation-unknown', detail);

/** The statement, where it is one that this certifier or its successor signed about this outpoint and that is in force. `value` is what a stranger sent as JSON. */
export const verifyRevocationStatus = (
  value: unknown,
  { certifier, outpoint, nowMs }: StatusQuestion,
): Result<RevocationStatus> => {
  const { signature, successions } = isRecord(value) ? value : {};
  const status = isRecord(value) ? readStatus(value['status']) : undefined;
  if (status === undefined || typeof signature !== 'string' || !DER.test(signature))
    return malformed('it is no status of a certificate');
  if (status.certifier !== certifier && !isSuccessor(successions, { from: certifier, to: status.certifier }))
    return malformed('it is of another certifier');
  if (status.outpoint !== outpoint) return malformed('it is about another outpoint');
  const [asOfMs, issuedMs, untilMs] = [status.asOf, status.issuedAt, status.validUntil].map(Date.parse) as [
    number,
    number,
    number,
  ];
  if (untilMs - issuedMs > STATUS_LIFE_MS_MAX) return malformed('it lasts too long');
  if (issuedMs > nowMs + SKEW_MS_MAX || asOfMs > issuedMs) return malformed('it is from the future');
  if (untilMs <= nowMs) return malformed('it has run out');
  const isSigned = verifyOpenSignature({
    data: writeRevocationStatus(status),
    signature: Buffer.from(signature, 'hex'),
    signer: Buffer.from(status.certifier, 'hex'),
    protocol: STATUS_PROTOCOL,
    keyId: STATUS_KEY_ID,
  });
  return isSigned ? accept(status) : malformed('its signature is wrong');
};
