import { sha256 } from '../bytes';

/** What a leaf may record. Numbers are part of the encoding and are never reused. */
const decisionNumbers = {
  applied: 1,
  claimed: 2,
  retracted: 3,
  evicted: 4,
  relinquished: 5,
  offered: 6,
  withdrawn: 7,
  presented: 8,
  erased: 9,
  'trust-proposed': 10,
  'trust-approved': 11,
  'trust-withdrawn': 12,
  approved: 20,
  refused: 21,
  certified: 22,
  revoked: 23,
  proposed: 30,
  'proposal-approved': 31,
  'approval-withdrawn': 32,
  'proposal-withdrawn': 33,
  drawn: 40,
  credited: 41,
  'plan-published': 42,
} as const;
export type AuditDecision = keyof typeof decisionNumbers;

/** Who did what, when, under which request, and what the state was before and after. */
export interface AuditLeaf {
  readonly decision: AuditDecision;
  /** Milliseconds since the epoch, UTC, by the gateway's clock; the leaf's index is the order. */
  readonly atMs: number;
  readonly organisation: string;
  readonly identityKey: string;
  readonly requestId: string;
  /** What was decided on: a txid, `<txid>.<vout>`, the hash of a certificate, the identity key whose disclosures are erased, the id of a certification, of a proposal or of a change of trust, what an account was drawn on or credited for, or a version of a plan. */
  readonly subject: string;
  /** `hashState` of what the decision found and of what it left. */
  readonly beforeHash: Uint8Array;
  readonly afterHash: Uint8Array;
}

const LEAF_VERSION = 1;
const HEADER_BYTES = 1 + 1 + 8;
const LENGTH_BYTES = 4;
const TEXT_FIELDS = ['organisation', 'identityKey', 'requestId', 'subject'] as const;
const HASH_FIELDS = ['beforeHash', 'afterHash'] as const;

/**
 * The one byte form of a leaf: version, decision, time, then each field with its length, in a fixed order. Lengths keep fields from running into each
 * other (`ab`+`c` is not `a`+`bc`), so two different leaves never have the same bytes.
 */
export function encodeLeaf(leaf: AuditLeaf): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(LEAF_VERSION, 0);
  header.writeUInt8(decisionNumbers[leaf.decision], 1);
  header.writeBigUInt64BE(BigInt(leaf.atMs), 2);
  const texts = TEXT_FIELDS.map((name) => withLength(Buffer.from(leaf[name], 'utf8')));
  const hashes = HASH_FIELDS.map((name) => withLength(leaf[name]));
  return Buffer.concat([header, ...texts, ...hashes]);
}

/** The leaf of these bytes, or undefined when they are not exactly one leaf in its canonical form. */
export function decodeLeaf(bytes: Uint8Array): AuditLeaf | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < HEADER_BYTES || view[0] !== LEAF_VERSION) return undefined;
  const decision = findDecision(view[1]);
  const parts = splitFields(view.subarray(HEADER_BYTES), TEXT_FIELDS.length + HASH_FIELDS.length);
  if (decision === undefined || parts === undefined) return undefined;
  const [organisation, identityKey, requestId, subject, beforeHash, afterHash] = parts as [
    Buffer,
    Buffer,
    Buffer,
    Buffer,
    Buffer,
    Buffer,
  ];
  const leaf: AuditLeaf = {
    decision,
    atMs: Number(view.readBigUInt64BE(2)),
    organisation: organisation.toString('utf8'),
    identityKey: identityKey.toString('utf8'),
    requestId: requestId.toString('utf8'),
    subject: subject.toString('utf8'),
    beforeHash,
    afterHash,
  };
  return Number.isSafeInteger(leaf.atMs) && encodeLeaf(leaf).equals(view) ? leaf : undefined;
}

/** One hash over a set of facts: sorted, so that it does not depend on the order they were collected in. */
export function hashState(facts: readonly string[]): Buffer {
  const parts = [...facts].sort().map((fact) => withLength(Buffer.from(fact, 'utf8')));
  return sha256(Buffer.concat(parts));
}

function withLength(field: Uint8Array): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(field.length);
  return Buffer.concat([length, field]);
}

function findDecision(value: number | undefined): AuditDecision | undefined {
  return (Object.keys(decisionNumbers) as AuditDecision[]).find((name) => decisionNumbers[name] === value);
}

function splitFields(bytes: Buffer, count: number): Buffer[] | undefined {
  const fields: Buffer[] = [];
  let offset = 0;
  for (let index = 0; index < count; index += 1) {
    if (bytes.length - offset < LENGTH_BYTES) return undefined;
    const end = offset + LENGTH_BYTES + bytes.readUInt32BE(offset);
    if (end > bytes.length) return undefined;
    fields.push(bytes.subarray(offset + LENGTH_BYTES, end));
    offset = end;
  }
  return offset === bytes.length ? fields : undefined;
}
