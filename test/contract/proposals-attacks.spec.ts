import { fsck } from '#ledger';
import { PrivateKey, Transaction } from '@bsv/sdk';
import { fundWalletFromDevnet, waitUntil } from '#testkit';
import { parseSettings } from '../../src/config';
import { ApprovalsService } from '../../src/proposals/approvals.service';
import { ProposalSubmissions } from '../../src/proposals/proposal-submissions.service';
import { jsonHeaders } from './baskets-rig';
import { keyOf, ORGANISATIONS, ProposalsRig, signStatement, type Actor, type Answer } from './proposals-rig';
import { Caller } from './submissions-rig';

jest.setTimeout(60_000);

let rig: ProposalsRig;
beforeAll(async () => {
  rig = await ProposalsRig.open({ revocationIntervalMs: 1_000, revocationChecksPerMinute: 6_000 });
}, 120_000);
afterAll(async () => {
  const findings = await fsck(rig.gateway.database.owner);
  await rig.close();
  expect(findings.filter(({ ok }) => !ok)).toEqual([]);
}, 60_000);

const give = (actor: Actor, id: string, signature: string, over: object = {}): Promise<Answer> =>
  rig.send(actor, 'POST', `/v1/proposals/${id}/approvals`, { signature, ...over });
const expectCode = ({ status, json }: Answer, ...wanted: readonly [number, string]): void =>
  expect([status, json['code']]).toEqual(wanted);

describe('an approval', () => {
  it('is of one proposal: it is no approval of another of the same transaction', async () => {
    const body = rig.bodyOf(await rig.issue());
    const first = (await rig.send('ann', 'POST', '/v1/proposals', body)).json as { id: string };
    const signature = await signStatement(await rig.statementOf('gil', first.id), 'gil');
    expect((await give('gil', first.id, signature)).status).toBe(201);
    await rig.send('ann', 'DELETE', `/v1/proposals/${first.id}`);
    const second = (await rig.send('ann', 'POST', '/v1/proposals', body)).json as { id: string };
    expect(second.id).not.toBe(first.id);
    expectCode(await give('gil', second.id, signature), 422, 'approval-signature-invalid');
  });

  it('is of what it says: other topics, another step, deadline, quorum, party or transaction is another', async () => {
    const { id } = await rig.propose();
    const statement = await rig.statementOf('gil', id);
    const changes: readonly Record<string, unknown>[] = [
      { topics: ['tm_ship'] },
      { step: 'release' },
      { deadline: '2030-01-01T00:00:00.000Z' },
      ...[{ needed: 1 }, { parties: ['globex'] }, { organisation: 'bank' }, { txid: 'ab'.repeat(32) }],
      ...[{ gateway: keyOf('gil') }, { proposer: keyOf('gil') }, { content: 'ab'.repeat(32) }, { version: 2 }],
    ];
    for (const change of changes) {
      const signature = await signStatement({ ...statement, ...change } as typeof statement, 'gil');
      expectCode(await give('gil', id, signature), 422, 'approval-signature-invalid');
    }
    expectCode(await give('gil', id, await signStatement(statement, 'gil', '1')), 422, 'approval-signature-invalid');
    expect((await rig.look('ann', id)).approvals).toEqual([]);
  });

  it('is signed by whoever sends it, and by nobody for it', async () => {
    const { id } = await rig.propose();
    const ofGil = await signStatement(await rig.statementOf('gil', id), 'gil');
    expectCode(await give('guy', id, ofGil), 422, 'approval-signature-invalid');
    // A key that is not there: a colleague signs what names Gil.
    expectCode(
      await give('gil', id, await signStatement(await rig.statementOf('gil', id), 'guy')),
      422,
      'approval-signature-invalid',
    );
    expectCode(await give('gil', id, ofGil, { organisation: 'acme' }), 403, 'policy-denied');
    expectCode(await give('gil', id, ofGil, { more: 1 }), 400, 'request-malformed');
    expectCode(await give('gil', id, 'zz'), 400, 'request-malformed');
    // One spelling: the same signature with the other S, or a byte more, is none.
    expectCode(await give('gil', id, `${ofGil}00`), 422, 'approval-signature-invalid');
  });

  it('counts once for one identity and once for one organisation, however often it is sent', async () => {
    const { id } = await rig.propose();
    const signature = await signStatement(await rig.statementOf('gil', id), 'gil');
    const sent = await Promise.all(Array.from({ length: 8 }, () => give('gil', id, signature)));
    expect(sent.map(({ status }) => status)).toEqual(sent.map(() => 201));
    await rig.approve('guy', id);
    const { approvals } = await rig.look('ann', id);
    expect(approvals.map(({ identityKey }) => identityKey)).toEqual([keyOf('gil'), keyOf('guy')]);
    expectCode(await rig.submit('ann', id), 409, 'quorum-incomplete');
  });

  it('that is taken back does not count, and can be given again', async () => {
    const { id } = await rig.propose();
    await rig.approve('gil', id);
    expectCode(await rig.send('guy', 'DELETE', `/v1/proposals/${id}/approvals/mine`), 404, 'approval-unknown');
    const taken = await rig.send('gil', 'DELETE', `/v1/proposals/${id}/approvals/mine`);
    expect(taken.json).toMatchObject({ approvals: [{ state: 'withdrawn' }] });
    expect((await rig.approve('abe', id)).json).toMatchObject({ refusal: { code: 'quorum-incomplete' } });
    expect((await rig.approve('gil', id)).json).toMatchObject({ refusal: null });
    expectCode(await rig.send('gil', 'DELETE', `/v1/proposals/${id}/approvals/mine`), 409, 'proposal-ended');
  });

  it('that rests on a certificate is stopped with it, at once and for good', async () => {
    const { outpoint, sign } = await rig.makeCoin();
    await rig.gateway.mine();
    await rig.present('ben', 'approver', outpoint);
    const { id } = await rig.propose();
    expect((await rig.approve('ben', id)).json).toMatchObject({ refusal: { code: 'quorum-incomplete' } });
    // The certifier spends its outpoint, and this gateway hears of it.
    const revoker = Transaction.fromAtomicBEEF([...(await sign())]).toHexEF();
    const sent = await fetch(`${rig.gateway.devnet.url}/arc/v1/tx`, {
      ...{ method: 'POST', headers: jsonHeaders, body: JSON.stringify({ rawTx: revoker }) },
    });
    expect(sent.ok).toBe(true);
    await waitUntil(
      'the approval is stopped',
      async () => (await rig.look('ann', id)).approvals[0]?.['state'] === 'stopped',
    );
    expect((await rig.send('ben', 'GET', `/v1/proposals/${id}`)).json['code']).toBe('auth-session-unknown');
    rig.forget('ben');
    expect((await rig.approve('gil', id)).json).toMatchObject({ refusal: { code: 'quorum-incomplete' } });
    expectCode(await rig.submit('ann', id), 409, 'quorum-incomplete');
    expect((await rig.approve('ben', id)).json).toMatchObject({ code: 'policy-denied' });
    expect((await rig.approve('abe', id)).json).toMatchObject({ refusal: null });
  });
});

describe('who has lost what it approved by', () => {
  it.each<[string, Record<string, unknown>, string]>([
    [
      'its role',
      { globex: [{ identityKey: keyOf('gil'), roles: [] }, ...ORGANISATIONS.globex.slice(1)] },
      'quorum-incomplete',
    ],
    ['its organisation', { globex: ORGANISATIONS.globex.slice(1) }, 'quorum-incomplete'],
    [
      'it to another organisation',
      { globex: ORGANISATIONS.globex.slice(1), bank: [...ORGANISATIONS.bank, ORGANISATIONS.globex[0]] },
      'quorum-incomplete',
    ],
    ['its proposer', { acme: ORGANISATIONS.acme.slice(1) }, 'policy-denied'],
    [
      'its proposer the role',
      { acme: [{ identityKey: keyOf('ann'), roles: ['approver'] }, ...ORGANISATIONS.acme.slice(1)] },
      'policy-denied',
    ],
  ])('is not counted: %s', async (_, over, code) => {
    const { id } = await rig.propose({ needed: 2, parties: ['acme', 'globex'] });
    await rig.approve('gil', id);
    const organisations = { ...ORGANISATIONS, ...over };
    const { organisations: parsed } = parseSettings({ organisations });
    const replica = await rig.gateway.openReplica({ organisations: parsed });
    try {
      const answer = await rig.approve('abe', id, replica.url);
      expect([answer.status, answer.json]).toMatchObject([201, { refusal: { code } }]);
      expectCode(await rig.submit('abe', id, replica.url), code === 'policy-denied' ? 403 : 409, code);
    } finally {
      await replica.app.close();
      for (const actor of ['abe'] as const) rig.forget(actor);
    }
    expect((await rig.submit('ann', id)).status).toBe(201);
  });
});

it('over two replicas the quorum is submitted once, and both answer with the one receipt', async () => {
  const replica = await rig.gateway.openReplica();
  try {
    for (let round = 0; round < 5; round += 1) {
      const { id } = await rig.propose();
      await rig.approve('gil', id);
      const signature = await signStatement(await rig.statementOf('abe', id), 'abe');
      await rig.openCaller('ann', replica.url);
      const [approved, here, there] = await Promise.all([
        give('abe', id, signature),
        rig.submit('ann', id),
        rig.submit('ann', id, replica.url),
      ]);
      expect(approved).toMatchObject({ status: 201, json: { refusal: null } });
      const receipt = await rig.submit('ann', id);
      // Whoever came before the approval counts too few; nobody is refused what is done.
      for (const raced of [here, there]) expect(['quorum-incomplete', undefined]).toContain(raced.json['code']);
      for (const raced of [here, there].filter(({ status }) => status === 201))
        expect(raced.body.toString()).toBe(receipt.body.toString());
      const rows = await rig.gateway.database.owner.query<unknown[]>(
        'select 1 from portcullis.transition where request_key = $1',
        [`proposal:${id}`],
      );
      expect(rows).toHaveLength(1);
    }
  } finally {
    await replica.app.close();
  }
});

it('who saw it open while another submitted it is given the receipt, and no refusal', async () => {
  const { id } = await rig.propose();
  const [approvals, submissions] = [rig.gateway.app.get(ApprovalsService), rig.gateway.app.get(ProposalSubmissions)];
  await rig.approve('gil', id);
  const seen = await approvals.find({ identityKey: keyOf('ann') }, id);
  if (!seen.ok) throw new Error(seen.rejection.code);
  await rig.approve('abe', id);
  const receipt = await rig.submit('ann', id);
  // As it looked a moment ago: open, with one approval; and with both, its transaction not loaded yet.
  const { proposal } = seen.value;
  const now = await approvals.find({ identityKey: keyOf('ann') }, id);
  if (!now.ok) throw new Error(now.rejection.code);
  const stale = { ...proposal, approvals: now.value.proposal.approvals };
  for (const looked of [proposal, stale])
    expect(await submissions.submit(looked, 'r')).toMatchObject({
      ok: true,
      value: { kind: 'replayed', receipt: { id: receipt.json['id'] } },
    });
});

describe('what a proposal costs', () => {
  it('is nothing where it is too late, or says what cannot be stored', async () => {
    const body = rig.bodyOf(await rig.issue());
    const late = { ...body, deadline: new Date(Date.now() - 1_000).toISOString() };
    const answer = await rig.send('ann', 'POST', '/v1/proposals', late);
    expect(answer.json['code']).toBe('proposal-late');
    for (const step of ['a NUL: \0', 'half a pair: \ud800'])
      expectCode(await rig.send('ann', 'POST', '/v1/proposals', { ...body, step }), 400, 'request-malformed');
  });

  it('is what a submission costs, once, and nothing more for the COMMIT', async () => {
    const paid = await ProposalsRig.open({
      prices: [{ method: 'POST', path: '/v1/submissions', satoshis: 200 }],
    });
    try {
      const ann = new Caller(paid.gateway.url, PrivateKey.fromHex('a1'.repeat(32)));
      await fundWalletFromDevnet(ann.purse, paid.gateway.devnet.url, 50_000);
      await paid.gateway.mine();
      const body = JSON.stringify(paid.bodyOf(await paid.issue()));
      const propose = () => ann.call('/v1/proposals', { method: 'POST', headers: jsonHeaders, body });
      const first = await propose();
      expect([first.status, await paid.gateway.count('payment_claim')]).toEqual([201, 1]);
      expect((await propose()).json['id']).toBe(first.json['id']);
      const id = String(first.json['id']);
      await paid.approve('abe', id);
      expect((await paid.approve('gil', id)).json).toMatchObject({ refusal: null });
      expect(await paid.gateway.count('payment_claim')).toBe(1);
      // What is refused is not paid for.
      const baskets = { 0: { basket: 'invoices', customInstructions: 'a NUL: \0' } };
      for (const [over, status] of [
        [{ parties: ['umbrella'], needed: 1 }, 403],
        [{ baskets }, 400],
      ] as const) {
        const bad = JSON.stringify(paid.bodyOf(await paid.issue(), over));
        const refused = await ann.call('/v1/proposals', { method: 'POST', headers: jsonHeaders, body: bad });
        expect([refused.status, await paid.gateway.count('payment_claim')]).toEqual([status, 1]);
      }
      // One payment is for one proposal: whoever ends it and proposes the same again pays again.
      const ended = JSON.stringify(paid.bodyOf(await paid.issue()));
      for (const claims of [2, 3]) {
        const made = await ann.call('/v1/proposals', { method: 'POST', headers: jsonHeaders, body: ended });
        expect([made.status, await paid.gateway.count('payment_claim')]).toEqual([201, claims]);
        await paid.send('ann', 'DELETE', `/v1/proposals/${String(made.json['id'])}`);
      }
    } finally {
      await paid.close();
    }
  });
});
