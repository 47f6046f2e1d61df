import {
  makeOutpoint,
  type AdmittedOutput,
  type Coin,
  type TopicManager,
  type TopicVerdict,
  type Transaction,
  type VerifiedTransaction,
} from '#atomic-core';
import { isIssuedBy, listLookupKeys, readDocument, stateOf, type Document } from './read-document';

/** Each new document costs one signature check (about 3 ms); more would hold up every other caller. */
export const DOCUMENTS_ISSUED_MAX = 8;
/** Tokens that one transaction may carry. */
export const DOCUMENTS_MAX = 200;

interface Token {
  readonly vout: number;
  readonly document: Document;
}

const refuse = (reason: string): Extract<TopicVerdict, { admitted: false }> => ({ admitted: false, reason });

/** `tm_documents`: orders, receipts and invoices that are issued, handed on and retired. README.md has the rules. */
export const documentsTopic = {
  name: 'tm_documents',
  judge(transaction: VerifiedTransaction, coins: readonly Coin[]): TopicVerdict {
    const { subject } = transaction;
    const tokens = listTokens(subject);
    if (typeof tokens === 'string') return refuse(tokens);
    if (tokens.length + coins.length === 0)
      return { ...refuse('the transaction neither carries nor spends a document'), isElsewhere: true };
    const issued = listIssued(tokens, coins);
    if (typeof issued === 'string') return refuse(issued);
    const unsigned = findUnsigned(subject, issued);
    if (unsigned !== undefined)
      return refuse(`output ${unsigned.vout}: the issuer did not sign this document for this transaction`);
    return {
      admitted: true,
      admittance: {
        admit: tokens.map(admitToken),
        coinsToRetain: [],
        coinsToRemove: coins.map(({ inputIndex }) => inputIndex),
      },
    };
  },
} as const satisfies TopicManager;

function listTokens(subject: Transaction): readonly Token[] | string {
  const tokens: Token[] = [];
  for (const [vout, { lockingScript, satoshis }] of subject.outputs.entries()) {
    const reading = readDocument(lockingScript);
    if (reading.is === 'malformed') return `output ${vout}: ${reading.reason}`;
    if (reading.is === 'other') continue;
    if (satoshis < 1) return `output ${vout}: a document output needs at least 1 satoshi`;
    tokens.push({ vout, document: reading.document });
  }
  return tokens.length > DOCUMENTS_MAX ? `more than ${DOCUMENTS_MAX} documents` : tokens;
}

/** The tokens that carry on no coin; a sentence when two carry on the same one or name the same document. */
function listIssued(tokens: readonly Token[], coins: readonly Coin[]): readonly Token[] | string {
  const spent = new Set<string>();
  for (const coin of coins) {
    const reading = readDocument(coin.lockingScript);
    if (reading.is === 'document') spent.add(stateOf(reading.document));
  }
  const names = new Set<string>();
  const issued: Token[] = [];
  for (const token of tokens) {
    const name = nameOf(token.document);
    if (names.has(name)) return `output ${token.vout}: the document appears twice in this transaction`;
    names.add(name);
    if (!spent.has(stateOf(token.document))) issued.push(token);
  }
  return issued.length > DOCUMENTS_ISSUED_MAX ? `more than ${DOCUMENTS_ISSUED_MAX} new documents` : issued;
}

const nameOf = ({ issuerKey, kind, documentId }: Document): string =>
  `${Buffer.from(issuerKey).toString('hex')}/${kind}/${documentId}`;

function findUnsigned(subject: Transaction, issued: readonly Token[]): Token | undefined {
  const [first] = subject.inputs;
  if (first === undefined) return issued[0];
  const anchor = makeOutpoint(first.parentTxid, first.parentVout);
  return issued.find(({ document }) => !isIssuedBy(document, anchor));
}

function admitToken({ vout, document }: Token): AdmittedOutput {
  return { vout, basket: `${document.kind}s`, lookupKeys: listLookupKeys(document) };
}
