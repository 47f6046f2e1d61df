import { decodeLeaf, hashState, sha256 } from '#atomic-core';
import { fsck } from '#ledger';
import { keyOf, ProposalsRig, signStatement } from './proposals-rig';

jest.setTimeout(60_000);

let rig: ProposalsRig;
beforeAll(async () => {
  rig = await ProposalsRig.open();
}, 120_000);
afterAll(async () => {
  const findings = await fsck(rig.gateway.database.owner);
  await rig.close();
  expect(findings.filter(({ ok }) => !ok)).toEqual([]);
}, 60_000);

describe('a transaction that needs several organisations', () => {
  it('is not taken as a submission: it has to be proposed', async () => {
    const { beef } = await rig.issue();
    const body = { beef: Buffer.from(beef).toString('base64'), topics: ['tm_documents'] };
    const refused = await rig.send('ann', 'POST', '/v1/submissions', body);
    expect([refused.status, refused.json]).toMatchObject([
      403,
      { code: 'proposal-required', next: 'stop', at: { topic: 'tm_documents' } },
    ]);
    // Where nothing would permit it, a proposal would not help.
    const hopeless = await rig.send('abe', 'POST', '/v1/submissions', body);
    expect(hopeless.json).toMatchObject({ code: 'policy-denied' });
    const foretold = await rig.send('ann', 'POST', '/v1/verifications', body);
    expect(foretold.json).toMatchObject({ accepted: false, code: 'proposal-required' });
  });

  it('is applied in one COMMIT with the approval that makes the quorum, and says what was counted', async () => {
    const proposal = await rig.propose();
    expect(proposal).toMatchObject({ state: 'open', approvals: [], submission: null });
    const first = await rig.approve('abe', proposal.id);
    expect([first.status, first.json]).toMatchObject([
      201,
      { refusal: { code: 'quorum-incomplete' }, proposal: { state: 'open' } },
    ]);
    const second = await rig.approve('gil', proposal.id);
    expect([second.status, second.json]).toMatchObject([
      201,
      { refusal: null, proposal: { state: 'committed', submission: { txid: expect.any(String) as string } } },
    ]);
    const seen = await rig.look('ann', proposal.id);
    expect(seen.approvals).toMatchObject([
      { organisation: 'acme', identityKey: keyOf('abe'), isCounted: true },
      { organisation: 'globex', identityKey: keyOf('gil'), isCounted: true },
    ]);
    for (const { statement, statementHash } of seen.approvals)
      expect(sha256(Buffer.from(String(statement))).toString('hex')).toBe(statementHash);
    const [row] = await rig.gateway.database.owner.query<{ leaf: Buffer; version: Buffer; receipt: object }[]>(
      `select l.leaf, t.policy_version as version, t.receipt from portcullis.transition t join portcullis.audit_leaf l on l.index = t.leaf_index
       where t.request_key = $1`,
      [`proposal:${proposal.id}`],
    );
    const { txid } = proposal as unknown as { txid: string };
    const facts = [
      ...[`coin tm_documents ${txid}.0`, `basket invoices ${txid}.0`, `policies ${row!.version.toString('hex')}`],
      ...[
        `proposal ${proposal.id}`,
        ...seen.approvals.map((one) => `approval ${String(one['organisation'])} ${String(one['statementHash'])}`),
      ],
    ];
    expect(decodeLeaf(row!.leaf)).toMatchObject({ identityKey: keyOf('ann'), organisation: 'acme' });
    expect(Buffer.from(decodeLeaf(row!.leaf)!.afterHash).toString('hex')).toBe(hashState(facts).toString('hex'));
  });

  it('has one receipt, whole for the proposer and without its baskets for the others', async () => {
    const { id } = await rig.propose();
    await rig.approve('abe', id);
    await rig.approve('gil', id);
    const [own, again, others] = [
      await rig.submit('ann', id),
      await rig.submit('abe', id),
      await rig.submit('gil', id),
    ];
    expect([own.status, again.status, others.status]).toEqual([201, 201, 201]);
    expect(again.body.toString()).toBe(own.body.toString());
    expect(own.json).toMatchObject({ baskets: { added: [{ basket: 'invoices' }] }, payment: null });
    expect(Object.keys(others.json).sort()).toEqual(['admittance', 'auditLeaf', 'settlement', 'txid']);
    expect((await rig.send('ann', 'GET', `/v1/submissions/${String(own.json['id'])}`)).status).toBe(200);
    // Whoever lost the answer to the approval that made the quorum sends it again.
    expect((await rig.send('gil', 'GET', `/v1/proposals/${id}`)).json).toMatchObject({ statements: [] });
  });

  it('is one proposal however often it is sent, and no other on other terms', async () => {
    const token = await rig.issue();
    const body = rig.bodyOf(token);
    const [one, two] = [
      await rig.send('ann', 'POST', '/v1/proposals', body),
      await rig.send('ann', 'POST', '/v1/proposals', body),
    ];
    expect([two.status, two.json['id']]).toEqual([201, one.json['id']]);
    const other = await rig.send('ann', 'POST', '/v1/proposals', { ...body, needed: 3 });
    expect([other.status, other.json['code']]).toEqual([409, 'proposal-conflict']);
  });

  it('is refused as a submission would be, before anybody is asked', async () => {
    const token = await rig.issue();
    // Without the name of its subject: another transaction under a signature that is not its own.
    const beef = Buffer.from(token.beef.subarray(36));
    beef.writeUInt8(beef.readUInt8(beef.length - 40) ^ 1, beef.length - 40);
    const body = rig.bodyOf(token);
    const cases: readonly (readonly [Record<string, unknown>, number, string])[] = [
      [{ ...body, beef: beef.toString('base64') }, 422, 'transaction-script-failed'],
      [{ ...body, topics: ['tm_nobody'] }, 400, 'topic-unknown'],
      [{ ...body, topics: ['tm_ship'] }, 400, 'topic-unknown'],
      [{ ...body, parties: [] }, 400, 'request-malformed'],
      [{ ...body, parties: ['acme', 'acme'] }, 400, 'request-malformed'],
      [{ ...body, parties: ['Not A Name'] }, 400, 'request-malformed'],
      [
        { ...body, parties: Array.from({ length: 17 }, (_, place) => `party-${String(place)}`) },
        400,
        'request-malformed',
      ],
      [{ ...body, needed: 4 }, 400, 'request-malformed'],
      [{ ...body, needed: 0 }, 400, 'request-malformed'],
      [{ ...body, deadline: 'soon' }, 400, 'request-malformed'],
      [{ ...body, deadline: '2020-01-01T00:00:00Z' }, 422, 'proposal-late'],
      [{ ...body, deadline: '2099-01-01T00:00:00Z' }, 422, 'proposal-late'],
      [{ ...body, more: 1 }, 400, 'request-malformed'],
      [{ ...body, reservation: '9d2f6a4c-51a7-4f3b-9c0e-2f1d4b7a6e55' }, 400, 'request-malformed'],
      // Not even all of these together would be enough.
      [{ ...body, parties: ['umbrella'], needed: 1 }, 403, 'policy-denied'],
    ];
    for (const [sent, status, code] of cases) {
      const answer = await rig.send('ann', 'POST', '/v1/proposals', sent);
      expect([code, answer.status, answer.json['code']]).toEqual([code, status, code]);
    }
    expect((await rig.send('gil', 'POST', '/v1/proposals', body)).json['code']).toBe('policy-denied');
  });

  it('can be withdrawn by the proposer’s organisation, until it is submitted', async () => {
    const { id } = await rig.propose();
    await rig.approve('abe', id);
    expect((await rig.send('gil', 'DELETE', `/v1/proposals/${id}`)).json['code']).toBe('proposal-unknown');
    for (let time = 0; time < 2; time += 1)
      expect((await rig.send('abe', 'DELETE', `/v1/proposals/${id}`)).json).toMatchObject({ state: 'withdrawn' });
    for (const answer of [await rig.submit('ann', id), await rig.send('gil', 'GET', `/v1/proposals/${id}/beef`)])
      expect([answer.status, answer.json['code']]).toEqual([409, 'proposal-ended']);
  });
});

describe('those who take part', () => {
  it('see it, its transaction and its approvals; to anybody else it is not there', async () => {
    const { id } = await rig.propose();
    for (const actor of ['abe', 'gil', 'gus', 'ben'] as const) {
      expect(await rig.look(actor, id)).toMatchObject({ id, statements: [{ approver: keyOf(actor) }] });
      const { proposals } = (await rig.send(actor, 'GET', '/v1/proposals?limit=1')).json as {
        proposals: { id: string }[];
      };
      expect(proposals[0]).toMatchObject({ id });
    }
    const beef = await rig.send('gil', 'GET', `/v1/proposals/${id}/beef`);
    expect([beef.status, beef.body.subarray(0, 4).toString('hex')]).toEqual([200, '01010101']);
    const signature = await signStatement(await rig.statementOf('gil', id), 'una');
    const attempts = [
      await rig.send('una', 'GET', `/v1/proposals/${id}`),
      await rig.send('una', 'GET', `/v1/proposals/${id}/beef`),
      await rig.send('una', 'DELETE', `/v1/proposals/${id}`),
      await rig.send('una', 'POST', `/v1/proposals/${id}/approvals`, { signature }),
      await rig.send('una', 'DELETE', `/v1/proposals/${id}/approvals/mine`),
      await rig.submit('una', id),
    ];
    const nowhere = await rig.submit('una', '9d2f6a4c-51a7-4f3b-9c0e-2f1d4b7a6e55');
    for (const { status, json } of [...attempts, nowhere, await rig.submit('una', 'nonsense')])
      expect([status, json['code'], json['detail']]).toEqual([404, 'proposal-unknown', nowhere.json['detail']]);
    expect((await rig.send('una', 'GET', '/v1/proposals')).json).toEqual({ proposals: [], next: null });
  });

  it('are told in pages, newest first', async () => {
    const ids = [(await rig.propose()).id, (await rig.propose()).id];
    const page = async (query: string) =>
      (await rig.send('ben', 'GET', `/v1/proposals${query}`)).json as { proposals: { id: string }[]; next: number };
    const first = await page('?limit=1');
    expect(first.proposals.map(({ id }) => id)).toEqual([ids[1]]);
    expect((await page(`?limit=1&before=${String(first.next)}`)).proposals.map(({ id }) => id)).toEqual([ids[0]]);
    expect((await rig.send('ben', 'GET', '/v1/proposals?limit=0')).json['code']).toBe('query-malformed');
  });
});

describe('what the policies ask of a quorum', () => {
  it('is that of organisations: two identities of one are one', async () => {
    const { id } = await rig.propose();
    await rig.approve('gil', id);
    expect((await rig.approve('guy', id)).json).toMatchObject({ refusal: { code: 'quorum-incomplete' } });
    expect((await rig.approve('abe', id)).json).toMatchObject({ refusal: null });
  });

  it('is more than the proposer asks, where they ask more', async () => {
    const { id } = await rig.propose({ needed: 1 });
    expect((await rig.approve('gil', id)).json).toMatchObject({ refusal: { code: 'policy-denied' } });
    expect((await rig.approve('abe', id)).json).toMatchObject({ refusal: null });
  });

  it('may be another than the proposer: its own approval is told apart', async () => {
    const { id } = await rig.propose();
    await rig.approve('gil', id);
    const own = await rig.approve('ann', id);
    expect([own.status, own.json]).toMatchObject([201, { refusal: { code: 'policy-denied' } }]);
    expect((await rig.approve('abe', id)).json).toMatchObject({ refusal: null, proposal: { state: 'committed' } });
  });

  it('is explained with approvals', async () => {
    const ask = async (question: object): Promise<unknown> =>
      (await rig.send('ann', 'POST', '/v1/policies/explain', { topic: 'tm_documents', ...question })).json['decisions'];
    expect(await ask({})).toMatchObject([{ decision: 'refuse', code: 'proposal-required' }]);
    expect(await ask({ approvals: ['globex'] })).toMatchObject([{ decision: 'refuse', code: 'policy-denied' }]);
    expect(await ask({ approvals: ['globex', 'bank'] })).toMatchObject([{ decision: 'permit' }]);
  });

  it('may be a role, or a certificate', async () => {
    const { id } = await rig.propose();
    expect((await rig.approve('gus', id)).json).toMatchObject({ code: 'policy-denied' });
    expect((await rig.approve('ben', id)).json).toMatchObject({ code: 'policy-denied' });
    const { outpoint } = await rig.makeCoin();
    await rig.present('ben', 'approver', outpoint);
    expect((await rig.approve('ben', id)).json).toMatchObject({ refusal: { code: 'quorum-incomplete' } });
    expect((await rig.approve('gil', id)).json).toMatchObject({ refusal: null });
    const relied = await rig.gateway.database.owner.query<unknown[]>(
      `select l.state from portcullis.reliance l join portcullis.transition t on t.id = l.transition_id where t.request_key = $1`,
      [`proposal:${id}`],
    );
    expect(relied).toEqual([{ state: 'good' }]);
  });
});
