import { randomBytes } from 'node:crypto';
import { type Txid } from '#atomic-core';
import { fsck, retractTransition } from '#ledger';
import { createAnchor, issueDocument, plantBlock, transferDocument, type DocumentContent } from '#testkit';
import {
  forgedSignature,
  fundingBlock,
  futureRoot,
  inflatingAncestor,
  missingParent,
  soundChain,
  strangeRoot,
  type Sketch,
} from './chain-sketch';
import { SubmissionsRig, type Answer, type Caller } from './submissions-rig';

const topics = ['tm_documents'];
const ATTEMPTS = 20;
const contentOf = (documentId: string): DocumentContent => ({
  kind: 'invoice',
  documentId,
  contentHash: randomBytes(32),
});

describe('a verdict that explains itself', () => {
  let rig: SubmissionsRig;
  let issuer: Caller;
  beforeAll(async () => {
    rig = await SubmissionsRig.open();
    issuer = await rig.openCaller();
    await plantBlock(rig.database.owner, fundingBlock.height, fundingBlock.root);
  }, 120_000);
  afterAll(async () => {
    const findings = await fsck(rig.database.owner);
    await rig.close();
    expect(findings.filter(({ ok }) => !ok)).toEqual([]);
  }, 60_000);

  /**
   * The answer, and that no table is other than before it. The relay goes on with what was submitted earlier, so now and then a question is asked again; one
   * that changed something itself would do so each time.
   */
  const ask = async (beef: Uint8Array, over: Record<string, unknown> = {}): Promise<Answer> => {
    // Before anything was submitted there is nothing for the relay to do, and so no excuse.
    const attempts = (await rig.count('transition')) === 0 ? 1 : ATTEMPTS;
    for (let attempt = 1; ; attempt += 1) {
      const before = await rig.digestAll();
      const answer = await issuer.explain(beef, over);
      const after = await rig.digestAll();
      if (attempt === attempts || JSON.stringify(after) === JSON.stringify(before)) {
        expect(after).toEqual(before);
        return answer;
      }
    }
  };

  it('looks at tables that a submission would change', async () => {
    const tables = Object.keys(await rig.digestAll());
    expect(tables).toEqual(expect.arrayContaining(['transaction', 'spent_outpoint', 'outbox', 'audit_leaf']));
    expect(tables).toEqual(expect.arrayContaining(['payment_claim', 'payment_quote', 'script_verdict']));
  });

  it('accepts, with the proofs, the ancestry and who judged the scripts', async () => {
    const { beef, subject } = soundChain();
    const answer = await ask(beef);
    expect([answer.status, answer.json]).toEqual([
      200,
      {
        accepted: true,
        txid: subject,
        format: 'BEEF V1',
        bytes: beef.length,
        subject: { version: 1, lockTime: 0, bytes: expect.any(Number), inputs: 1, outputs: 1, proven: false },
        ancestors: { count: 3, unproven: 2, depth: 3 },
        proofs: [
          {
            height: fundingBlock.height,
            blockHash: expect.stringMatching(/^[0-9a-f]{64}$/),
            root: fundingBlock.root,
            verdict: 'OK',
            txids: [expect.any(String)],
          },
        ],
        scripts: [2, 1, 0].map((depth) => ({
          txid: expect.any(String),
          depth,
          remembered: 0,
          fastPath: 1,
          interpreter: 0,
        })),
        plan: null,
      },
    ]);
  });

  it('remembers nothing: asked again, the scripts are judged again', async () => {
    const { beef } = soundChain();
    const [first, second] = [await ask(beef), await ask(beef)];
    expect(second.json).toEqual(first.json);
    expect(second.json['scripts']).toContainEqual(expect.objectContaining({ remembered: 0, fastPath: 1 }));
  });

  const refusals: [string, () => Sketch, Record<string, unknown>][] = [
    ['a missing parent at depth 2', missingParent, { code: 'beef-parent-missing', stage: 'read', input: 1, depth: 2 }],
    [
      'an ancestor that inflates',
      inflatingAncestor,
      { code: 'transaction-inflates', stage: 'ancestry', input: null, depth: 1 },
    ],
    [
      'a bad signature at depth 3, input 1',
      forgedSignature,
      { code: 'transaction-script-failed', stage: 'scripts', input: 1, depth: 3 },
    ],
    ['a root that is not in the chain', strangeRoot, { code: 'proof-root-invalid', stage: 'roots', input: null }],
  ];
  it.each(refusals)('says of %s where it is and which rule it breaks', async (_, make, expected) => {
    const { beef, subject, culprit } = make();
    const answer = await ask(beef);
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({ accepted: false, subject, txid: culprit, spentBy: null, ...expected });
    const text = expect.stringMatching(/\w/);
    expect(answer.json).toMatchObject({ sentence: text, detail: text, rule: text, next: text });
  });

  it('says of bytes that are no BEEF that nothing beyond their form was judged', async () => {
    const nothing = { accepted: false, stage: 'read', txid: null, input: null, depth: null, subject: null };
    expect((await ask(Buffer.from('hello'))).json).toMatchObject({ ...nothing, code: 'beef-malformed', next: 'fix' });
    const { beef } = soundChain();
    expect((await ask(beef.subarray(0, -5))).json).toMatchObject({ ...nothing, code: 'beef-truncated' });
    const bomb = Buffer.from('0100beef00feffffffff', 'hex');
    expect((await ask(bomb)).json).toMatchObject({ ...nothing, code: expect.stringMatching(/^beef-/) });
  });

  it('never calls refused what it cannot know now', async () => {
    const answer = await ask(futureRoot().beef);
    expect([answer.status, answer.json['code']]).toEqual([503, 'chain-unsettled']);
    expect(answer.json).not.toHaveProperty('accepted');
  });

  it('answers a malformed question with a problem', async () => {
    const { beef } = soundChain();
    expect((await ask(beef, { topics: ['tm_poems'] })).json).toMatchObject({ status: 400, code: 'topic-unknown' });
    expect((await ask(beef, { baskets: { 0: 'x' } })).json).toMatchObject({ status: 400, code: 'topics-malformed' });
    expect((await ask(beef, { force: true })).json).toMatchObject({ status: 400, code: 'request-malformed' });
    const naked = await fetch(`${rig.url}/v1/verifications`, { method: 'POST', body: new Uint8Array(beef) });
    expect(naked.status).toBe(401);
  });

  it('takes octets, with topics in the header or without', async () => {
    const { beef, subject } = soundChain();
    const headers = { 'content-type': 'application/octet-stream' };
    const call = { method: 'POST', headers, body: [...beef] };
    const plain = await issuer.call('/v1/verifications', call);
    expect(plain.json).toMatchObject({ accepted: true, txid: subject, plan: null });
    const asked = { ...call, headers: { ...headers, 'x-bsv-topics': JSON.stringify(topics) } };
    const judged = await issuer.call('/v1/verifications', asked);
    expect(judged.json).toMatchObject({ accepted: false, stage: 'plan', code: 'topic-refused' });
  });

  it('foretells what the submission is then answered', async () => {
    const token = await issueDocument(issuer.wallet, contentOf('INV-1'));
    const over = { topics, baskets: { 0: 'Invoices' } };
    const { json } = await ask(token.beef, over);
    expect(json).toMatchObject({ accepted: true, txid: token.txid, plan: { topics, displaces: [] } });
    const receipt = (await issuer.submit(token.beef, over)).json;
    expect(json['plan']).toMatchObject({ admittance: receipt['admittance'], baskets: receipt['baskets'] });

    const transferred = await transferDocument(issuer.wallet, token, 'self');
    const moved = await issuer.explain(transferred.beef, { topics });
    // What a submission was accepted with is remembered, and used.
    const remembered = { txid: token.txid, remembered: expect.any(Number), fastPath: 0, interpreter: 0 };
    expect(moved.json['scripts']).toContainEqual(expect.objectContaining(remembered));
    const second = (await issuer.submit(transferred.beef)).json;
    expect(moved.json['plan']).toMatchObject({ admittance: second['admittance'], baskets: second['baskets'] });
    expect(second['baskets']).toMatchObject({ removed: [{ basket: 'invoices', outpoint: `${token.txid}.0` }] });
  }, 60_000);

  it('foretells what topics and baskets refuse', async () => {
    const anchor = await createAnchor(issuer.wallet, 'x');
    const place = { txid: anchor.txid, subject: anchor.txid, depth: 0, stage: 'plan', input: null };
    expect((await ask(anchor.beef, { topics })).json).toMatchObject({ ...place, code: 'topic-refused' });
    const token = await issueDocument(issuer.wallet, contentOf('INV-2'));
    const elsewhere = await ask(token.beef, { topics, baskets: { 1: 'change' } });
    expect(elsewhere.json).toMatchObject({ accepted: false, stage: 'plan', code: 'basket-output-unknown' });
  });

  it('foretells that an output is reserved for another identity', async () => {
    const token = await issueDocument(issuer.wallet, contentOf('HELD-1'));
    expect((await issuer.submit(token.beef, { baskets: { 0: 'held' } })).status).toBe(201);
    await rig.database.owner.query(
      `insert into portcullis.reservation (id, organisation, identity_key, basket, request_key, terms, expires_at)
       select gen_random_uuid(), b.organisation, 'another key', b.basket, 'held', '{}', now() + interval '1 hour' from portcullis.basket_output b where b.basket = 'held'`,
    );
    await rig.database.owner.query(
      `update portcullis.basket_output b set reserved_by = r.id, reserved_until = r.expires_at from portcullis.reservation r where r.basket = 'held' and b.basket = 'held'`,
    );
    const spend = await transferDocument(issuer.wallet, token, 'self');
    const foretold = (await ask(spend.beef, { topics })).json;
    const submitted = await issuer.submit(spend.beef);
    expect(foretold).toMatchObject({ accepted: false, stage: 'plan', code: 'output-reserved', next: 'retry-same' });
    expect(submitted.json).toMatchObject({ code: 'output-reserved', detail: foretold['detail'] });
    await rig.database.owner.query(
      `update portcullis.basket_output set reserved_by = null, reserved_until = null where basket = 'held'`,
    );
    expect((await ask(spend.beef, { topics })).json).toMatchObject({ accepted: true });
    expect((await issuer.submit(spend.beef)).status).toBe(201);
  }, 60_000);

  it('foretells every conflict with the ledger, and names who holds what', async () => {
    const contested = await issueDocument(issuer.wallet, contentOf('DS-1'));
    expect((await issuer.submit(contested.beef)).status).toBe(201);
    const applied = await ask(contested.beef, { topics });
    expect(applied.json).toMatchObject({ accepted: false, stage: 'plan', code: 'already-applied', depth: 0 });

    const winner = await transferDocument(issuer.wallet, contested, 'self');
    const twin = await rig.openTwin(issuer);
    const loser = await transferDocument(twin, contested, 'self');
    expect((await issuer.submit(winner.beef)).status).toBe(201);
    const spent = { accepted: false, stage: 'plan', code: 'outpoint-spent', next: 'stop', spentBy: winner.txid };
    const place = { txid: loser.txid, input: 0, depth: 0, subject: loser.txid };
    expect((await ask(loser.beef, { topics })).json).toMatchObject({ ...spent, ...place });
    const onLoser = await transferDocument(twin, loser, 'self');
    expect((await ask(onLoser.beef, { topics })).json).toMatchObject({
      ...spent,
      ...place,
      subject: onLoser.txid,
      depth: 1,
    });
    // Without topics the transaction alone is judged.
    expect((await ask(loser.beef)).json).toMatchObject({ accepted: true, plan: null });

    const parent = await issueDocument(issuer.wallet, contentOf('GONE-1'));
    const child = await transferDocument(issuer.wallet, parent, 'self');
    expect((await issuer.submit(parent.beef)).status).toBe(201);
    expect(await retractTransition(rig.database.dataSource, parent.txid as Txid, 'refused')).toEqual([parent.txid]);
    const retracted = { code: 'parent-retracted', stage: 'plan', txid: parent.txid, depth: 1, subject: child.txid };
    expect((await ask(child.beef, { topics })).json).toMatchObject({ accepted: false, ...retracted });
  }, 120_000);

  it('gives the refused submission the same place', async () => {
    const { beef, culprit } = forgedSignature();
    const problem = (await issuer.submit(beef)).json;
    expect(problem).toMatchObject({ code: 'transaction-script-failed', at: { txid: culprit, input: 1 } });
    expect(Object.keys(problem['at'] as object)).toEqual(['txid', 'input']);
    const truncated = (await issuer.submit(beef.subarray(0, -5))).json;
    expect(truncated).not.toHaveProperty('at');
  });
});

describe('a verdict that has a price', () => {
  it('is paid by its own payment and by nothing else', async () => {
    const rig = await SubmissionsRig.open({ prices: [{ method: 'POST', path: '/v1/verifications', satoshis: 7 }] });
    try {
      const caller = await rig.openCaller();
      const { json, status } = await caller.explain((await createAnchor(caller.wallet, 'x')).beef);
      expect([status, json['accepted']]).toEqual([200, true]);
      const claims = await rig.database.owner.query(
        'select satoshis::int, transition_id from portcullis.payment_claim',
      );
      expect(claims).toEqual([{ satoshis: 7, transition_id: null }]);
      expect(await rig.count('transition')).toBe(0);
    } finally {
      await rig.close();
    }
  }, 120_000);
});
