import { createHash } from 'node:crypto';
import { AuthFetch, PrivateKey, PushDrop, Transaction } from '@bsv/sdk';
import type { ChainTracker } from '@bsv/sdk';
import { DevWallet, findHolderKey, fundWalletFromDevnet, issueDocument, transferDocument } from '#testkit';
import type { DocumentToken } from '#testkit';
import type { Ask, Reply } from './conversation';
import { readMerkleRoot } from './read-merkle-root';
import type { WireTap } from './wire-tap';

type Facts = Record<string, string | number | boolean>;
type AskOf<T extends Ask['operation']> = Extract<Ask, { operation: T }>;

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

const TOPIC = 'tm_documents';

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const readBody = async (response: Response): Promise<Record<string, unknown>> => {
  const value: unknown = await response.json();
  return isRecord(value) ? value : {};
};

/** One organisation: a wallet, the stock `AuthFetch`, and the tokens it holds. */
export class ActingOrganisation {
  readonly #rootKey = PrivateKey.fromRandom();
  readonly #wallet = new DevWallet(this.#rootKey);
  /** The same keys with coins of its own: what a refused transaction spent must not fund what follows. */
  readonly #cheatingWallet = new DevWallet(this.#rootKey);
  readonly #fetch = new AuthFetch(this.#wallet);
  readonly #spent = new Map<string, DocumentToken>();
  readonly #held = new Map<string, DocumentToken>();
  /** Of the last payment that was taken. */
  #paymentHeader: string | undefined;
  #gatewayUrl = '';
  #devnetUrl = '';

  constructor(private readonly tap: WireTap) {}

  async act(ask: Ask): Promise<Reply> {
    this.tap.take();
    const facts = await this.#dispatch(ask);
    const wire = this.tap.take();
    const last = wire.at(-1);
    this.#paymentHeader =
      wire.findLast(({ paymentHeader, status }) => paymentHeader !== undefined && status === 201)?.paymentHeader ??
      this.#paymentHeader;
    return { status: last?.status ?? 0, code: last?.problemCode, facts, wire };
  }

  async #dispatch(ask: Ask): Promise<Facts> {
    switch (ask.operation) {
      case 'join':
        return await this.#join(ask);
      case 'identify':
        return await this.#identify();
      case 'issue':
        return await this.#issue(ask);
      case 'transfer':
        return await this.#transfer(ask.documentId, ask.recipient);
      case 'lookup':
        return await this.#lookUp(ask.documentId);
      case 'settlement':
        return await this.#findSettlement(ask.txid);
      case 'prove':
        return await this.#prove(ask.txid);
      case 'double-spend':
        return await this.#spendAgain(ask.documentId);
      case 'replay-payment':
        return await this.#replayPayment();
      case 'impersonate':
        return await this.#impersonate(ask.victim);
    }
  }

  async #join({ gatewayUrl, devnetUrl, satoshis }: AskOf<'join'>): Promise<Facts> {
    this.#gatewayUrl = gatewayUrl;
    this.#devnetUrl = devnetUrl;
    const txid = await fundWalletFromDevnet(this.#wallet, devnetUrl, satoshis);
    await fundWalletFromDevnet(this.#cheatingWallet, devnetUrl, satoshis);
    return { identityKey: this.#wallet.identityKey, fundedBy: txid };
  }

  async #identify(): Promise<Facts> {
    const { body } = await this.#get('/v1/identity');
    const identityKey = String(body.identityKey);
    return { identityKey, recognised: identityKey === this.#wallet.identityKey };
  }

  async #issue({ documentId, content }: AskOf<'issue'>): Promise<Facts> {
    const contentHash = createHash('sha256').update(content).digest();
    const token = await issueDocument(this.#wallet, { kind: 'order', documentId, contentHash });
    const facts = await this.#submit(token.beef);
    this.#held.set(documentId, token);
    return facts;
  }

  async #transfer(documentId: string, recipient: string): Promise<Facts> {
    const token = this.#tokenOf(this.#held, documentId);
    const moved = await transferDocument(this.#wallet, token, recipient);
    const facts = await this.#submit(moved.beef);
    this.#held.delete(documentId);
    this.#spent.set(documentId, token);
    return facts;
  }

  async #spendAgain(documentId: string): Promise<Facts> {
    const token = this.#tokenOf(this.#spent, documentId);
    return await this.#submit((await transferDocument(this.#cheatingWallet, token, 'self')).beef);
  }

  async #submit(beef: Uint8Array, headers: Record<string, string> = {}): Promise<Facts> {
    const json = JSON.stringify({ beef: Buffer.from(beef).toString('base64'), topics: [TOPIC] });
    const { status, body } = await this.#post('/v1/submissions', json, headers);
    if (status !== 201) return { detail: String(body.detail) };
    const admittance = isRecord(body.admittance) ? body.admittance[TOPIC] : undefined;
    const steak = isRecord(admittance) ? admittance : {};
    return {
      id: String(body.id),
      txid: String(body.txid),
      settlement: String(body.settlement),
      admitted: String(steak.outputsToAdmit),
      coins: String([steak.coinsToRetain, steak.coinsRemoved].flat()),
      auditLeaf: Number(body.auditLeaf),
    };
  }

  async #lookUp(documentId: string): Promise<Facts> {
    const query = JSON.stringify({ service: 'ls_documents', query: { documentId } });
    const { body } = await this.#post('/v1/lookup', query);
    const outputs = Array.isArray(body.outputs) ? (body.outputs as { beef: number[]; outputIndex: number }[]) : [];
    const held = await Promise.all(outputs.map(async (output) => await this.#holds(documentId, output)));
    return { outputs: outputs.length, held: held.includes(true) };
  }

  async #holds(documentId: string, { beef, outputIndex }: { beef: number[]; outputIndex: number }): Promise<boolean> {
    const script = Transaction.fromBEEF(beef).outputs[outputIndex]?.lockingScript;
    if (script === undefined) return false;
    const { lockingPublicKey, fields } = PushDrop.decode(script);
    const issuer = Buffer.from(fields[3] ?? []).toString('hex');
    return lockingPublicKey.toString() === (await findHolderKey(this.#wallet, documentId, issuer));
  }

  async #findSettlement(txid: string): Promise<Facts> {
    const { body } = await this.#get(`/v1/submissions/${txid}`);
    return { txid, settlement: String(body.settlement) };
  }

  async #prove(txid: string): Promise<Facts> {
    const response = await this.#fetch.fetch(`${this.#gatewayUrl}/v1/submissions/${txid}/beef`);
    if (!response.ok) return {};
    const transaction = Transaction.fromAtomicBEEF(new Uint8Array(await response.arrayBuffer()));
    const path = transaction.merklePath;
    const devnetUrl = this.#devnetUrl;
    const tracker: ChainTracker = {
      isValidRootForHeight: async (root, height) => (await readMerkleRoot(devnetUrl, height)) === root,
      currentHeight: () => Promise.resolve(path?.blockHeight ?? 0),
    };
    const proven = path !== undefined && (await transaction.verify(tracker)) && transaction.id('hex') === txid;
    return { proven, height: path?.blockHeight ?? 0 };
  }

  async #replayPayment(): Promise<Facts> {
    if (this.#paymentHeader === undefined) throw new Error('There is no payment to replay yet.');
    const token = await issueDocument(this.#wallet, {
      kind: 'receipt',
      documentId: 'GR-1',
      contentHash: createHash('sha256').update('another document').digest(),
    });
    return await this.#submit(token.beef, { 'x-bsv-payment': this.#paymentHeader });
  }

  async #impersonate(victim: string): Promise<Facts> {
    await this.#get('/v1/identity');
    this.tap.rewrite((headers) => headers.set('x-bsv-auth-identity-key', victim));
    try {
      // AuthFetch retries an unsigned 401 with a fresh session, and then gives up with an error: the wire has the gateway's answer.
      await this.#get('/v1/identity').catch(() => undefined);
    } finally {
      this.tap.rewrite(undefined);
    }
    return { claimed: victim, own: this.#wallet.identityKey };
  }

  #tokenOf(tokens: ReadonlyMap<string, DocumentToken>, documentId: string): DocumentToken {
    const token = tokens.get(documentId);
    if (token === undefined) throw new Error(`There is no token of ${documentId} here.`);
    return token;
  }

  async #get(path: string): Promise<Answer> {
    const response = await this.#fetch.fetch(`${this.#gatewayUrl}${path}`);
    return { status: response.status, body: await readBody(response) };
  }

  async #post(path: string, json: string, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await this.#fetch.fetch(`${this.#gatewayUrl}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: json,
    });
    return { status: response.status, body: await readBody(response) };
  }
}
