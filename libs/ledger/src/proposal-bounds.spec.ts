import { createTestDatabase, planPlainProposal, type PlainProposal, type TestDatabase } from '#testkit';
import { fsck } from './fsck';
import { approveProposal, proposeTransaction, withdrawApproval, withdrawProposal } from './proposal-acts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
}, 90_000);
afterAll(async () => {
  const broken = (await fsck(database.dataSource)).filter(({ ok }) => !ok);
  await database.drop();
  expect(broken).toEqual([]);
});

const db = () => database.dataSource;
const actor = (identityKey: string, organisation: string) => ({ organisation, identityKey, requestId: 'r' });
const open = async (): Promise<PlainProposal> => {
  const plan = planPlainProposal({});
  expect(await proposeTransaction(db(), plan.request)).toEqual({ ok: true, value: plan.id });
  return plan;
};

it('a party leaves sixteen approvals with one proposal at most, however many identities it makes for them', async () => {
  const plan = await open();
  for (let count = 0; count < 16; count += 1) {
    const who = `gil ${count}`;
    expect(await approveProposal(db(), plan.approve(who, 'globex'))).toMatchObject({ ok: true });
    expect(await withdrawApproval(db(), actor(who, 'globex'), plan.id)).toMatchObject({ ok: true });
  }
  expect(await approveProposal(db(), plan.approve('one more', 'globex'))).toMatchObject({
    rejection: { code: 'approvals-exhausted' },
  });
  // Who has one may give it again, and other parties have room of their own.
  expect(await approveProposal(db(), plan.approve('gil 3', 'globex'))).toMatchObject({ ok: true });
  expect(await approveProposal(db(), plan.approve('ben', 'bank'))).toMatchObject({ ok: true });
});

it('a proposal that has ended keeps nothing of what it would have done but its hash', async () => {
  const plan = await open();
  const { proposer } = plan.request.terms;
  expect(await withdrawProposal(db(), actor(proposer.identityKey, proposer.organisation), plan.id)).toMatchObject({
    ok: true,
  });
  const rows = await db().query<unknown[]>(
    'select beef, off_chain_values, content, octet_length(content_hash) as hash from portcullis.proposal where id = $1',
    [plan.id],
  );
  expect(rows).toEqual([{ beef: null, off_chain_values: null, content: null, hash: 32 }]);
});
