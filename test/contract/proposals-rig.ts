import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PrivateKey, ProtoWallet } from '@bsv/sdk';
import { APPROVAL_PROTOCOL, writeCanonicalJson } from '#atomic-core';
import {
  CertificateWallet,
  DevWallet,
  TestCertifier,
  fundWalletFromDevnet,
  makeCertificateType,
  type DocumentToken,
} from '#testkit';
import { issueInvoice } from './overlay-rig';
import { type RawAnswer, RawCaller } from './raw-caller';
import { makeCoin } from './revocation-coin';
import { SubmissionsRig } from './submissions-rig';

const certifier = new TestCertifier(PrivateKey.fromHex('44'.repeat(32)));
const TYPE = makeCertificateType(9);

const keys = {
  /** Of acme: proposes, and may approve. */
  ann: PrivateKey.fromHex('a1'.repeat(32)),
  /** Of acme, an approver. */
  abe: PrivateKey.fromHex('a2'.repeat(32)),
  /** Of globex, approvers. */
  gil: PrivateKey.fromHex('b1'.repeat(32)),
  guy: PrivateKey.fromHex('b2'.repeat(32)),
  /** Of globex, without a role. */
  gus: PrivateKey.fromHex('b3'.repeat(32)),
  /** Of bank, which approves by certificate. */
  ben: PrivateKey.fromHex('c1'.repeat(32)),
  /** Of umbrella, an approver whom nobody asks. */
  una: PrivateKey.fromHex('d1'.repeat(32)),
};
export type Actor = keyof typeof keys;
export const keyOf = (actor: Actor): string => keys[actor].toPublicKey().toString();

const member = (actor: Actor, ...roles: readonly string[]) => ({ identityKey: keyOf(actor), roles });
export const ORGANISATIONS = {
  acme: [member('ann', 'submitter', 'approver'), member('abe', 'approver')],
  globex: [member('gil', 'approver'), member('guy', 'approver'), member('gus')],
  bank: [member('ben')],
  umbrella: [member('una', 'approver')],
};

/** Documents by two of three organisations, other than the proposer alone; ship by nobody alone. */
export const POLICIES = `
@id("routes") permit (principal, action, resource is Gateway);
@id("reads") permit (principal, action in Action::"read", resource);
@id("two-of-three")
permit (principal in Role::"submitter", action == Action::"submitToTopic", resource == Topic::"tm_documents")
when { (if context.approvals.organisations.contains(Organisation::"acme") then 1 else 0)
     + (if context.approvals.organisations.contains(Organisation::"globex") then 1 else 0)
     + (if context.approvals.organisations.contains(Organisation::"bank") then 1 else 0) >= 2 };
@id("not-by-the-proposer-alone")
forbid (principal, action == Action::"submitToTopic", resource == Topic::"tm_documents")
when { context.approvals.organisations != context.approvals.others };
@id("approvers") permit (principal in Role::"approver", action == Action::"approveForTopic", resource == Topic::"tm_documents");
@id("bank-by-certificate")
permit (principal in Organisation::"bank", action == Action::"approveForTopic", resource == Topic::"tm_documents")
when { principal.certificates has employee && principal.certificates.employee.fields.role == "approver" };
`;

export interface Statement {
  readonly [name: string]: string | number | readonly string[];
  readonly proposal: string;
}

export interface ShownProposal {
  readonly id: string;
  readonly state: string;
  readonly approvals: readonly Record<string, unknown>[];
  readonly statements: readonly Statement[];
  readonly submission: Record<string, unknown> | null;
}

/** What was answered, with its JSON. */
export type Answer = RawAnswer & { readonly json: Record<string, unknown> };

export const jsonOf = (answer: RawAnswer): Record<string, unknown> =>
  JSON.parse(answer.body.toString('utf8') || '{}') as Record<string, unknown>;

/** As any BRC-100 wallet signs it. */
export const signStatement = async (
  statement: Statement,
  actor: Actor,
  keyID = statement.proposal,
): Promise<string> => {
  const { signature } = await new ProtoWallet(keys[actor]).createSignature({
    data: [...Buffer.from(writeCanonicalJson(statement), 'utf8')],
    protocolID: [...APPROVAL_PROTOCOL],
    keyID,
    counterparty: 'anyone',
  });
  return Buffer.from(signature).toString('hex');
};

/** The whole gateway with policies that ask for the agreement of others. */
export class ProposalsRig {
  private readonly callers = new Map<string, RawCaller>();

  private constructor(
    readonly gateway: SubmissionsRig,
    readonly wallet: DevWallet,
    private readonly folder: string,
  ) {}

  static async open(over: Record<string, unknown> = {}, policies = POLICIES): Promise<ProposalsRig> {
    const folder = mkdtempSync(join(tmpdir(), 'portcullis-agreements-'));
    writeFileSync(join(folder, 'agreements.cedar'), policies);
    const gateway = await SubmissionsRig.open({
      ...{ policies: folder, organisations: ORGANISATIONS, prices: [] },
      certificates: [{ name: 'employee', certifier: certifier.identityKey, type: TYPE, fields: ['role'] }],
      ...over,
    });
    const wallet = new DevWallet();
    await fundWalletFromDevnet(wallet, gateway.devnet.url, 1_000_000);
    await gateway.mine();
    return new ProposalsRig(gateway, wallet, folder);
  }

  async close(): Promise<void> {
    await this.gateway.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  issue(): Promise<DocumentToken> {
    return issueInvoice(this.wallet, `A-${randomBytes(6).toString('hex')}`);
  }

  async openCaller(actor: Actor, url = this.gateway.url): Promise<RawCaller> {
    const name = `${actor} ${url}`;
    const caller = this.callers.get(name) ?? (await RawCaller.open(url, new CertificateWallet(keys[actor])));
    this.callers.set(name, caller);
    return caller;
  }

  /** A revocation ends the sessions of its subject. */
  forget(actor: Actor): void {
    for (const name of [...this.callers.keys()]) if (name.startsWith(`${actor} `)) this.callers.delete(name);
  }

  async send(actor: Actor, method: string, path: string, body?: unknown, url = this.gateway.url): Promise<Answer> {
    const caller = await this.openCaller(actor, url);
    const headers = { 'content-type': 'application/json' };
    const content = body === undefined ? {} : { headers, body: JSON.stringify(body) };
    const answer = await caller.send({ method, url: path, ...content });
    const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
    return { ...answer, json: isJson ? jsonOf(answer) : {} };
  }

  bodyOf(token: DocumentToken, over: Record<string, unknown> = {}): Record<string, unknown> {
    return {
      ...{ beef: Buffer.from(token.beef).toString('base64'), topics: ['tm_documents'] },
      ...{ parties: ['acme', 'bank', 'globex'], needed: 2 },
      ...{ deadline: new Date(Date.now() + 3_600_000).toISOString(), ...over },
    };
  }

  /** A fresh document, proposed by Ann. */
  async propose(over: Record<string, unknown> = {}): Promise<ShownProposal> {
    const answer = await this.send('ann', 'POST', '/v1/proposals', this.bodyOf(await this.issue(), over));
    if (answer.status !== 201) throw new Error(answer.body.toString());
    return answer.json as unknown as ShownProposal;
  }

  async look(actor: Actor, id: string): Promise<ShownProposal> {
    return (await this.send(actor, 'GET', `/v1/proposals/${id}`)).json as unknown as ShownProposal;
  }

  /** What this one would sign. */
  async statementOf(actor: Actor, id: string): Promise<Statement> {
    const [statement] = (await this.look(actor, id)).statements;
    if (statement === undefined) throw new Error('There is nothing to sign.');
    return statement;
  }

  async approve(actor: Actor, id: string, url = this.gateway.url): Promise<Answer> {
    const signature = await signStatement(await this.statementOf(actor, id), actor);
    return this.send(actor, 'POST', `/v1/proposals/${id}/approvals`, { signature }, url);
  }

  submit(actor: Actor, id: string, url = this.gateway.url): Promise<Answer> {
    return this.send(actor, 'POST', `/v1/proposals/${id}/submission`, undefined, url);
  }

  makeCoin(): ReturnType<typeof makeCoin> {
    return makeCoin(this.gateway.devnet);
  }

  /** Issues a certificate and presents it. */
  async present(actor: Actor, role: string, outpoint: string): Promise<Awaited<ReturnType<TestCertifier['issue']>>> {
    const caller = await this.openCaller(actor);
    const wallet = new CertificateWallet(keys[actor]);
    const held = await certifier.issue(wallet.identityKey, { type: TYPE, fields: { role }, outpoint });
    const shown = await wallet.show(held, caller.gatewayKey, ['role']);
    const answer = await this.send(actor, 'POST', '/v1/certificates', shown);
    if (answer.status !== 201) throw new Error(answer.body.toString());
    return held;
  }
}
