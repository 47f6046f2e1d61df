import { P2PKH, PrivateKey, PushDrop, Transaction as SdkTransaction, type LockingScript } from '@bsv/sdk';
import type { Coin, GraphTransaction, TopicVerdict, Transaction, Txid, VerifiedTransaction } from '#atomic-core';
import {
  act,
  createAnchor,
  DevWallet,
  fundWalletOffChain,
  issueDocument,
  lockDocument,
  retireDocument,
  signDocument,
  transferDocument,
  type DocumentContent,
  type DocumentToken,
} from '#testkit';
import { createDocumentsTopic } from '.';
import { DOCUMENTS_ISSUED_MAX, documentsTopic } from './documents.topic';

const { lookup } = createDocumentsTopic();
const invoice: DocumentContent = { kind: 'invoice', documentId: 'INV-7', contentHash: new Uint8Array(32).fill(7) };

const wallet = (): DevWallet => {
  const made = new DevWallet();
  fundWalletOffChain(made, 100_000);
  return made;
};

/** The subject as the verifier hands it over. Its proofs and scripts are not what this spec asks about. */
const subjectOf = (beef: Uint8Array): VerifiedTransaction => {
  const read = SdkTransaction.fromAtomicBEEF(beef);
  const subject: Transaction = {
    txid: read.id('hex') as Txid,
    raw: read.toUint8Array(),
    version: read.version,
    lockTime: read.lockTime,
    inputs: read.inputs.map((input) => ({
      parentTxid: input.sourceTransaction?.id('hex') as Txid,
      parentVout: input.sourceOutputIndex,
      unlockingScript: Uint8Array.from(input.unlockingScript?.toBinary() ?? []),
      sequence: input.sequence ?? 0xffffffff,
    })),
    outputs: read.outputs.map((output) => ({
      satoshis: output.satoshis ?? 0,
      lockingScript: Uint8Array.from(output.lockingScript.toBinary()),
    })),
  };
  const graph: GraphTransaction = { ...subject, bump: undefined };
  return { subject: graph, transactions: [graph] } as unknown as VerifiedTransaction;
};

const coinsOf = (beef: Uint8Array, ...tokens: { txid: string; vout: number }[]): Coin[] =>
  SdkTransaction.fromAtomicBEEF(beef).inputs.flatMap((input, inputIndex) => {
    const source = input.sourceTransaction;
    const txid = source?.id('hex') as Txid;
    const output = source?.outputs[input.sourceOutputIndex];
    if (output === undefined || !tokens.some((token) => token.txid === txid && token.vout === input.sourceOutputIndex))
      return [];
    const lockingScript = Uint8Array.from(output.lockingScript.toBinary());
    return [{ inputIndex, txid, vout: input.sourceOutputIndex, satoshis: output.satoshis ?? 0, lockingScript }];
  });

const judge = (beef: Uint8Array, ...tokens: DocumentToken[]): TopicVerdict =>
  documentsTopic.judge(subjectOf(beef), coinsOf(beef, ...tokens));

const reasonOf = (verdict: TopicVerdict): string => (verdict.admitted ? 'admitted' : verdict.reason);

describe('tm_documents', () => {
  it('admits a document that its issuer signed for this transaction', async () => {
    const issuer = wallet();
    const { beef } = await issueDocument(issuer, invoice);
    const names = ['INV-7', 'invoice/INV-7'];
    const lookupKeys = [...names, ...names.map((name) => `${issuer.identityKey}/${name}`)];
    expect(judge(beef)).toEqual({
      admitted: true,
      admittance: {
        admit: [{ vout: 0, basket: 'invoices', lookupKeys }],
        coinsToRetain: [],
        coinsToRemove: [],
      },
    });
  });

  it('carries a document to its next holder and retires it there, without asking the issuer again', async () => {
    const [issuer, buyer] = [wallet(), wallet()];
    const issued = await issueDocument(issuer, invoice);
    const transferred = await transferDocument(issuer, issued, buyer.identityKey);
    expect(judge(transferred.beef, issued)).toMatchObject({
      admitted: true,
      admittance: { admit: [{ vout: 0 }], coinsToRemove: [0] },
    });
    const retired = await retireDocument(buyer, transferred);
    expect(judge(retired.beef, transferred)).toMatchObject({
      admitted: true,
      admittance: { admit: [], coinsToRemove: [0] },
    });
    await expect(SdkTransaction.fromAtomicBEEF(retired.beef).verify('scripts only')).resolves.toBe(true);
  });

  it('refuses a copy of a public token: the signature belongs to the anchor of the issuing transaction', async () => {
    const [issuer, thief] = [wallet(), wallet()];
    const issued = await issueDocument(issuer, invoice);
    const script = await lockDocument(thief, issued.fields, 'self');
    const copy = await act(thief, { description: 'copy it', spend: await createAnchor(thief, 'x'), outputs: [script] });
    expect(reasonOf(judge(copy.beef))).toMatch(/did not sign/);
  });

  it('refuses a transfer that changes any field', async () => {
    const [issuer, buyer] = [wallet(), wallet()];
    const issued = await issueDocument(issuer, invoice, buyer.identityKey);
    const spend = { ...issued, protocol: [2, 'portcullis document holder'] as [2, string], keyId: issued.documentId };
    for (const field of [1, 2, 3]) {
      const fields = issued.fields.map((bytes, index) => (index === field ? [...bytes.slice(0, -1), 0x38] : bytes));
      const script = await lockDocument(buyer, fields, 'self');
      const changed = await act(buyer, {
        description: 'change it',
        spend: { ...spend, counterparty: issuer.identityKey },
        outputs: [script],
      });
      expect([field, reasonOf(judge(changed.beef, issued))]).toEqual([field, expect.stringMatching(/did not sign/)]);
      fundWalletOffChain(buyer, 100_000);
    }
  });

  it('refuses two successors of one token and two new documents of one name', async () => {
    const issuer = wallet();
    const anchor = await createAnchor(issuer, 'x');
    const fields = await signDocument(issuer, invoice, anchor);
    const script = await lockDocument(issuer, fields, 'self');
    const twice = await act(issuer, { description: 'issue twice', spend: anchor, outputs: [script, script] });
    expect(reasonOf(judge(twice.beef))).toMatch(/output 1: the document appears twice/);
  });

  it('refuses a transaction that has nothing to do with documents', async () => {
    const payer = wallet();
    const { beef } = await createAnchor(payer, 'x');
    expect(reasonOf(judge(beef))).toMatch(/neither carries nor spends/);
  });

  const malformed: [string, (fields: number[][]) => number[][], RegExp][] = [
    ['a field too few', (fields) => fields.slice(0, 4), /5 fields/],
    ['a field too many', (fields) => [...fields, [1, 2]], /5 fields/],
    [
      'a document id that walks a path',
      ([kind = [], , ...rest]) => [kind, [...Buffer.from('../x')], ...rest],
      /document id/,
    ],
    [
      'a document id of 65 characters',
      ([kind = [], , ...rest]) => [kind, [...Buffer.from('a'.repeat(65))], ...rest],
      /document id/,
    ],
    [
      'a short content hash',
      ([kind = [], id = [], , ...rest]) => [kind, id, new Array<number>(31).fill(1), ...rest],
      /content hash/,
    ],
    [
      'an uncompressed issuer',
      ([a = [], b = [], c = [], , e = []]) => [a, b, c, new Array<number>(65).fill(4), e],
      /compressed/,
    ],
    [
      'an issuer off the curve',
      ([a = [], b = [], c = [], , e = []]) => [a, b, c, [2, ...new Array<number>(32).fill(255)], e],
      /did not sign/,
    ],
    ['an empty signature', (fields) => [...fields.slice(0, 4), [0]], /did not sign/],
    ['a signature with a byte more', (fields) => [...fields.slice(0, 4), [...(fields[4] ?? []), 0]], /did not sign/],
  ];
  it.each(malformed)('refuses %s', async (_, change, reason) => {
    const issuer = wallet();
    const anchor = await createAnchor(issuer, 'x');
    const fields = change(await signDocument(issuer, invoice, anchor));
    const tail = await tokenScript(issuer, fields);
    const made = await act(issuer, { description: 'issue it', spend: anchor, outputs: [tail] });
    expect(reasonOf(judge(made.beef))).toMatch(reason);
  });

  it('refuses a high-S restatement of a good signature', async () => {
    const issuer = wallet();
    const anchor = await createAnchor(issuer, 'x');
    const fields = await signDocument(issuer, invoice, anchor);
    const script = await tokenScript(issuer, [...fields.slice(0, 4), highS(fields[4] ?? [])]);
    const made = await act(issuer, { description: 'issue it', spend: anchor, outputs: [script] });
    expect(reasonOf(judge(made.beef))).toMatch(/did not sign/);
  });

  it('bounds the signatures that one transaction may cost', async () => {
    const issuer = wallet();
    const anchor = await createAnchor(issuer, 'x');
    const scripts: LockingScript[] = [];
    for (let n = 0; n <= DOCUMENTS_ISSUED_MAX; n += 1) {
      scripts.push(
        await lockDocument(issuer, await signDocument(issuer, { ...invoice, documentId: `INV-${n}` }, anchor), 'self'),
      );
    }
    const all = await act(issuer, { description: 'issue all', spend: anchor, outputs: scripts });
    expect(reasonOf(judge(all.beef))).toMatch(/more than 8 new documents/);
  });

  it('leaves other outputs of the same transaction alone', async () => {
    const issuer = wallet();
    const anchor = await createAnchor(issuer, 'x');
    const document = await lockDocument(issuer, await signDocument(issuer, invoice, anchor), 'self');
    const payment = new P2PKH().lock(PrivateKey.fromRandom().toAddress());
    const made = await act(issuer, { description: 'issue and pay', spend: anchor, outputs: [payment, document] });
    expect(judge(made.beef)).toMatchObject({ admitted: true, admittance: { admit: [{ vout: 1 }] } });
  });
});

describe('ls_documents', () => {
  const issuerKey = PrivateKey.fromRandom().toPublicKey().toString();
  it.each([
    [{ documentId: 'INV-7' }, ['INV-7']],
    [{ documentId: 'INV-7', kind: 'invoice' }, ['invoice/INV-7']],
    [{ documentId: 'INV-7', issuerKey }, [`${issuerKey}/INV-7`]],
    [{ documentId: 'INV-7', kind: 'invoice', issuerKey }, [`${issuerKey}/invoice/INV-7`]],
    [{ documentId: 'INV-7', issuerKey: 'invoice' }, undefined],
    [{ documentId: 'INV-7', kind: 'poem' }, undefined],
    [{ documentId: '../INV-7' }, undefined],
    [{ documentId: 7 }, undefined],
    [{ kind: 'invoice' }, undefined],
    [{ documentId: 'INV-7', all: true }, undefined],
    [['INV-7'], undefined],
    [null, undefined],
    ['INV-7', undefined],
  ])('reads %j as %j', (query, keys) => {
    expect(lookup.readQuery(query)).toEqual(keys);
  });
});

async function tokenScript(issuer: DevWallet, fields: number[][]): Promise<LockingScript> {
  return new PushDrop(issuer).lock(fields, [2, 'portcullis document holder'], 'any', 'self', true, false);
}

function highS(der: number[]): number[] {
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const rLength = der[3] ?? 0;
  const s = BigInt(`0x${Buffer.from(der.slice(6 + rLength)).toString('hex')}`);
  const high = [0, ...Buffer.from((order - s).toString(16).padStart(64, '0'), 'hex')];
  return [0x30, 4 + rLength + high.length, ...der.slice(2, 4 + rLength), 2, high.length, ...high];
}
