import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fsck } from '#ledger';
import { interceptStatements, issueDocument, transferDocument, waitUntil, type DocumentToken } from '#testkit';
import { SingleCommits } from '../../src/submissions/single-commits.service';
import { MetricsServer } from '../../src/telemetry';
import { issueMany } from './batches-rig';
import { pay, readTerms } from './payment-rig';
import { RawCaller, replaceHeaders, sendHttp, type RawAnswer, type RawRequest } from './raw-caller';
import { SubmissionsRig, type Caller } from './submissions-rig';

const PRICE = 200;
const PLAIN = 22;
const TOPIC = { name: 'tm_race', module: join(__dirname, '..', 'race', 'two-gateways', 'race-topic.cjs') };
const COMMIT = /portcullis\.(commit_transitions?)\(/u;

const requestOf = (url: string, beef: Uint8Array, topic: string): RawRequest => ({
  ...{ method: 'POST', url, body: beef },
  headers: { 'content-type': 'application/octet-stream', 'x-bsv-topics': JSON.stringify([topic]) },
});
const beefsOf = (tokens: readonly DocumentToken[]): Uint8Array[] => tokens.map(({ beef }) => beef);
const readJson = (body: Buffer): Record<string, unknown> => JSON.parse(body.toString()) as Record<string, unknown>;

/** Nobody is let through before it is opened, and every COMMIT that came is written down. */
class Turnstile {
  readonly statements: string[] = [];
  private readonly end: () => void;
  private letGo = (): void => undefined;
  private readonly opened = new Promise<void>((resolve) => (this.letGo = resolve));

  constructor() {
    this.end = interceptStatements(async (text, ask) => {
      const [, name] = COMMIT.exec(text) ?? [];
      if (name !== undefined) {
        this.statements.push(name);
        await this.opened;
      }
      return ask();
    });
  }

  open(): void {
    this.letGo();
  }

  close(): void {
    this.letGo();
    this.end();
  }
}

describe('submissions that come together', () => {
  jest.setTimeout(180_000);
  let rig: SubmissionsRig;
  let supplier: Caller;
  let buyer: Caller;
  let left: RawCaller;
  let right: RawCaller;
  beforeAll(async () => {
    rig = await SubmissionsRig.open({
      prices: [{ method: 'POST', path: '/submit', satoshis: PRICE }],
      topics: [TOPIC],
      overlayOpen: [TOPIC.name],
    });
    supplier = await rig.openCaller();
    buyer = await rig.openCaller();
    left = await RawCaller.open(rig.url, supplier.wallet);
    right = await RawCaller.open(rig.url, buyer.wallet);
  });
  let turnstile: Turnstile | undefined;
  afterEach(() => turnstile?.close());
  afterAll(async () => {
    const findings = await fsck(rig.database.owner);
    await rig.close();
    expect(findings.filter(({ ok }) => !ok)).toEqual([]);
  });

  const issue = async (caller: Caller): Promise<DocumentToken> =>
    issueDocument(caller.wallet, {
      kind: 'order',
      documentId: randomBytes(6).toString('hex'),
      contentHash: randomBytes(32),
    });
  /** Signed beforehand, so that they come together. */
  const signing = async (signer: RawCaller, beefs: readonly Uint8Array[], topic = 'tm_documents') =>
    Promise.all(beefs.map((beef) => signer.sign(requestOf('/v1/submissions', beef, topic))));
  const sendAll = (requests: readonly RawRequest[]): Promise<RawAnswer[]> =>
    Promise.all(requests.map((request) => sendHttp(rig.url, request)));
  const waiting = (): number => rig.app.get(SingleCommits).waiting;
  const told = ({ status, code }: RawAnswer): unknown => code ?? status;
  const txidOf = ({ body }: RawAnswer): unknown => readJson(body)['txid'];

  it('are each answered as if alone, in fewer COMMITs than there are submissions', async () => {
    const plain = [...(await issueMany(supplier, PLAIN / 2)), ...(await issueMany(buyer, PLAIN / 2))];
    const [paid, twice, wanted] = [await issue(buyer), await issue(supplier), await issue(supplier)];
    expect((await supplier.submit(wanted.beef)).status).toBe(201);
    const twin = await rig.openTwin(supplier);
    const rivals = [
      await transferDocument(supplier.wallet, wanted, 'self'),
      await transferDocument(twin, wanted, 'self'),
    ];
    const parent = await issue(supplier);
    const child = await transferDocument(supplier.wallet, parent, 'self');
    const unpaid = requestOf('/submit', paid.beef, 'tm_documents');
    const terms = readTerms(await right.send(unpaid));
    const paying = await right.sign(replaceHeaders(unpaid, await pay(buyer.purse, terms)));
    const ofOneKey = requestOf('/v1/submissions', twice.beef, 'tm_documents');
    const [parents, children] = [
      await signing(left, [parent.beef], TOPIC.name),
      await signing(left, [child.beef], TOPIC.name),
    ];
    const groups = [
      await signing(left, beefsOf(plain.slice(0, PLAIN / 2))),
      await signing(right, beefsOf(plain.slice(PLAIN / 2))),
      [await left.sign(ofOneKey), await left.sign(ofOneKey)],
      await signing(left, beefsOf(rivals)),
      children,
      [paying],
    ];

    turnstile = new Turnstile();
    const { statements } = turnstile;
    const answerOfParent = sendAll(parents);
    await waitUntil('the parent is at its COMMIT', () => statements.length === 1);
    const answers = Promise.all(groups.map(sendAll));
    await waitUntil('all others wait', () => waiting() === PLAIN + 5 && statements.length === 2);
    turnstile.open();
    const [ofLeft = [], ofRight = [], ofTwice = [], ofRivals = [], ofChild = [], ofPaid = []] = await answers;

    const ofPlain = [...(await answerOfParent), ...ofLeft, ...ofRight];
    expect(ofPlain.map(told)).toEqual(ofPlain.map(() => 201));
    expect(ofPlain.map(txidOf)).toEqual([parent, ...plain].map(({ txid }) => txid));
    const [first, second] = ofTwice as [RawAnswer, RawAnswer];
    expect([first.status, second.status, second.body.toString()]).toEqual([201, 201, first.body.toString()]);
    expect(ofRivals.map(told).sort()).toEqual([201, 'outpoint-spent']);
    const [winner] = ofRivals.filter(({ status }) => status === 201).map(txidOf);
    expect(ofRivals.find(({ status }) => status === 409)?.body.toString()).toContain(winner);
    // Its coin came into the topic after it was planned: it was planned again.
    expect(ofChild.map(({ body }) => readJson(body)['admittance'])).toEqual([
      { [TOPIC.name]: expect.objectContaining({ coinsRemoved: [0, 1] }) },
    ]);
    expect(ofPaid.map(told)).toEqual([200]);
    expect(await rig.database.owner.query('select satoshis::int from portcullis.payment_claim')).toEqual([
      { satoshis: PRICE },
    ]);
    // The parent, the paid one, the group, and the child once more.
    expect(statements.sort()).toEqual([
      ...['commit_transition', 'commit_transition', 'commit_transition'],
      'commit_transitions',
    ]);
  });

  it('are written down by their number', async () => {
    const { port } = rig.app.get(MetricsServer);
    const text = await (await fetch(`http://127.0.0.1:${String(port)}/metrics`)).text();
    expect(text).toMatch(/portcullis_commit_group_size_bucket\{[^}]*le="16"[^}]*\} \d/u);
    expect(text).toMatch(/portcullis_commits_waiting(?:\{[^}]*\})? 0/u);
  });

  it('serves a lone one without a wait, and its child after it', async () => {
    const parent = await issue(supplier);
    const child = await transferDocument(supplier.wallet, parent, 'self');
    for (const { beef } of [parent, child]) {
      expect((await supplier.submit(beef)).status).toBe(201);
      expect(waiting()).toBe(0);
    }
  });
});
