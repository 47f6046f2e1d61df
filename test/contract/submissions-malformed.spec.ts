import { Beef, Transaction } from '@bsv/sdk';
import { fsck } from '#ledger';
import { issueDocument, type DocumentToken } from '#testkit';
import { SubmissionsRig, type Answer, type Call, type Caller } from './submissions-rig';

const octets = { 'content-type': 'application/octet-stream' };
const json = { 'content-type': 'application/json' };

describe('malformed submissions', () => {
  let rig: SubmissionsRig;
  let issuer: Caller;
  let token: DocumentToken;
  beforeAll(async () => {
    rig = await SubmissionsRig.open();
    issuer = await rig.openCaller();
    token = await issueDocument(issuer.wallet, { kind: 'order', documentId: 'PO-1', contentHash: new Uint8Array(32) });
  }, 120_000);
  afterAll(async () => {
    const findings = await fsck(rig.database.owner);
    await rig.close();
    expect(findings.filter(({ ok }) => !ok)).toEqual([]);
  }, 60_000);

  const submitRaw = (caller: Caller, call: Call): Promise<Answer> =>
    caller.call('/v1/submissions', { method: 'POST', ...call });

  const malformed: [string, () => Call, number, string][] = [
    ['no body', () => ({ headers: { ...octets, 'x-bsv-topics': '["tm_documents"]' } }), 400, 'beef-malformed'],
    [
      'another media type',
      () => ({ headers: { 'content-type': 'text/plain' }, body: 'hello' }),
      415,
      'media-type-unsupported',
    ],
    ['octets without topics', () => ({ headers: octets, body: 'octets' }), 400, 'topics-malformed'],
    [
      'topics that are not JSON',
      () => ({ headers: { ...octets, 'x-bsv-topics': 'tm_documents' }, body: 'octets' }),
      400,
      'topics-malformed',
    ],
    [
      'a topic that is not hosted',
      () => ({ headers: json, body: '{"beef":"0100beef","topics":["tm_poems"]}' }),
      400,
      'topic-unknown',
    ],
    [
      'octets that are no BEEF',
      () => ({ headers: { ...octets, 'x-bsv-topics': '["tm_documents"]' }, body: 'hello' }),
      400,
      'beef-malformed',
    ],
    ['a body that is not JSON', () => ({ headers: json, body: '{' }), 400, 'request-malformed'],
    [
      'a key twice',
      () => ({ headers: json, body: '{"beef":"","beef":"","topics":["tm_documents"]}' }),
      400,
      'request-malformed',
    ],
    ['a prototype key', () => ({ headers: json, body: '{"__proto__":{"beef":""}}' }), 400, 'request-malformed'],
    [
      'an unknown field',
      () => ({ headers: json, body: '{"beef":"","topics":["tm_documents"],"x":1}' }),
      400,
      'request-malformed',
    ],
    [
      'topics in two places',
      () => ({
        headers: { ...json, 'x-bsv-topics': '["tm_documents"]' },
        body: '{"beef":"","topics":["tm_documents"]}',
      }),
      400,
      'topics-malformed',
    ],
    [
      'beef that is no text encoding',
      () => ({ headers: json, body: '{"beef":"!!","topics":["tm_documents"]}' }),
      400,
      'beef-malformed',
    ],
    [
      'an idempotency key with a space',
      () => ({ headers: { ...json, 'x-bsv-idempotency-key': 'a b' }, body: '{}' }),
      400,
      'idempotency-key-malformed',
    ],
    [
      'an idempotency key of 256 bytes',
      () => ({ headers: { ...json, 'x-bsv-idempotency-key': 'a'.repeat(256) }, body: '{}' }),
      400,
      'idempotency-key-malformed',
    ],
  ];
  it.each(malformed)('refuses %s before anybody is asked to pay', async (_, call, status, code) => {
    const balance = issuer.purse.balance;
    expect(await rig.refused(() => submitRaw(issuer, call()))).toEqual([status, code]);
    expect(issuer.purse.balance).toBe(balance);
  });

  const broken: [string, () => Uint8Array, number, RegExp][] = [
    ['a count bomb', () => Buffer.from('0100beef00feffffffff', 'hex'), 400, /^beef-/],
    ['its last bytes missing', () => token.beef.subarray(0, -5), 400, /^(beef|transaction)-/],
    ['a byte more', () => Buffer.concat([token.beef, Buffer.of(0)]), 400, /^beef-trailing-bytes$/],
    ['a script that was changed', () => flip(token.beef), 422, /^transaction-script-failed$/],
    ['a proof that leads to another block', () => wrongRoot(token.beef), 422, /^proof-root-invalid$/],
    ['a proof of a block that is not known yet', () => futureProof(token.beef), 503, /^chain-unsettled$/],
  ];
  it.each(broken)('refuses a BEEF with %s, the payment not taken', async (_, make, status, code) => {
    expect(await rig.refused(() => issuer.submit(make()))).toEqual([status, expect.stringMatching(code)]);
  });
});

/** One bit of the last signature. */
function flip(beef: Uint8Array): Uint8Array {
  const transaction = Transaction.fromAtomicBEEF(beef);
  const raw = Buffer.from(transaction.toBinary());
  const script = Buffer.from(transaction.inputs[0]?.unlockingScript?.toBinary() ?? []);
  const at = raw.indexOf(script) + script.length - 4;
  const changed = Buffer.from(raw);
  changed[at] = (changed[at] ?? 0) ^ 1;
  return replaceSubject(beef, changed);
}

function replaceSubject(beef: Uint8Array, raw: Buffer): Uint8Array {
  const transaction = Transaction.fromAtomicBEEF(beef);
  const whole = new Beef();
  for (const { sourceTransaction } of transaction.inputs)
    if (sourceTransaction !== undefined) whole.mergeTransaction(sourceTransaction);
  whole.mergeRawTx([...raw]);
  return whole.toUint8Array();
}

function withProof(beef: Uint8Array, change: (height: number) => number): Uint8Array {
  const whole = Beef.fromBinary([...beef]);
  for (const bump of whole.bumps) bump.blockHeight = change(bump.blockHeight);
  return whole.toUint8Array();
}

const wrongRoot = (beef: Uint8Array): Uint8Array => withProof(beef, (height) => height - 1);
const futureProof = (beef: Uint8Array): Uint8Array => withProof(beef, (height) => height + 100_000);
