import { PrivateKey, ProtoWallet } from '@bsv/sdk';
import type { Txid } from '../bytes';
import {
  APPROVAL_PROTOCOL,
  digestProposal,
  verifyApproval,
  writeApproval,
  type ApprovalStatement,
} from './approval-statement';

const key = PrivateKey.fromHex('a1'.repeat(32));
const approver = key.toPublicKey().toString();
const statement: ApprovalStatement = {
  ...{ gateway: `02${'11'.repeat(32)}`, txid: 'ab'.repeat(32) as Txid, topics: ['tm_documents'], step: 'release' },
  ...{ deadline: '2026-12-01T00:00:00.000Z', proposer: { organisation: 'acme', identityKey: `03${'22'.repeat(32)}` } },
  ...{ parties: ['acme', 'globex'], needed: 2, content: 'cd'.repeat(32) },
  ...{ proposal: '9d2f6a4c-51a7-4f3b-9c0e-2f1d4b7a6e55', approver, organisation: 'globex' },
};

/** As any BRC-100 wallet signs it. */
const sign = async (signed: ApprovalStatement, over: { keyID?: string; key?: PrivateKey } = {}): Promise<Buffer> => {
  const { signature } = await new ProtoWallet(over.key ?? key).createSignature({
    data: [...writeApproval(signed)],
    protocolID: [...APPROVAL_PROTOCOL],
    keyID: over.keyID ?? signed.proposal,
    counterparty: 'anyone',
  });
  return Buffer.from(signature);
};

describe('an approval', () => {
  it('is canonical JSON that a stock wallet signs', async () => {
    expect(writeApproval(statement).toString('utf8')).toBe(
      `{"approver":"${approver}","content":"${'cd'.repeat(32)}","deadline":"2026-12-01T00:00:00.000Z","gateway":"02${'11'.repeat(32)}","needed":2,` +
        `"organisation":"globex","parties":["acme","globex"],"proposal":"9d2f6a4c-51a7-4f3b-9c0e-2f1d4b7a6e55","proposer":"03${'22'.repeat(32)}",` +
        `"proposerOrganisation":"acme","step":"release","topics":["tm_documents"],"txid":"${'ab'.repeat(32)}","version":1}`,
    );
    expect(verifyApproval(statement, await sign(statement))).toBe(true);
  });

  it.each<[string, Partial<ApprovalStatement>]>([
    ['another gateway', { gateway: `03${'11'.repeat(32)}` }],
    ['another transaction', { txid: 'ac'.repeat(32) as Txid }],
    ['other topics', { topics: ['tm_documents', 'tm_ship'] }],
    ['another step', { step: 'draft' }],
    ['no step', { step: undefined }],
    ['another deadline', { deadline: '2026-12-02T00:00:00.000Z' }],
    ['another proposer', { proposer: { organisation: 'acme', identityKey: `03${'23'.repeat(32)}` } }],
    ['other parties', { parties: ['globex'] }],
    ['a smaller quorum', { needed: 1 }],
    ['another content', { content: 'ce'.repeat(32) }],
    ['another proposal', { proposal: '9d2f6a4c-51a7-4f3b-9c0e-2f1d4b7a6e56' }],
    ['another organisation', { organisation: 'acme' }],
  ])('is none of %s', async (_, over) => {
    expect(verifyApproval({ ...statement, ...over }, await sign(statement))).toBe(false);
  });

  it('is nobody else’s, and for no other key of the same wallet', async () => {
    const other = PrivateKey.fromHex('a2'.repeat(32));
    expect(verifyApproval(statement, await sign(statement, { key: other }))).toBe(false);
    expect(verifyApproval(statement, await sign(statement, { keyID: '1' }))).toBe(false);
    expect(verifyApproval({ ...statement, approver: other.toPublicKey().toString() }, await sign(statement))).toBe(
      false,
    );
  });
});

it('a proposal has one digest for the same terms, whoever agrees to it', () => {
  const other = { ...statement, approver: 'x', organisation: 'acme', proposal: 'y' };
  expect(digestProposal(other)).toEqual(digestProposal(statement));
  expect(digestProposal({ ...statement, needed: 1 })).not.toEqual(digestProposal(statement));
});
