import { parseSettings } from '../../src/config';
import { keyOf, POLICIES, ProposalsRig, type Actor } from './proposals-rig';

jest.setTimeout(60_000);

const listMembers = (actors: readonly Actor[], roles: readonly string[]) =>
  actors.map((actor) => ({ identityKey: keyOf(actor), roles: [...roles] }));
const ORGANISATIONS = {
  acme: listMembers(['ann', 'abe'], ['submitter', 'approver']),
  globex: listMembers(['gil', 'guy', 'gus', 'ben', 'una'], ['approver']),
};
/** Everybody may agree for the topic; the role is asked for by the route alone. */
const ROUTE = 'Action::"POST /v1/proposals/:id/approvals"';
const BY_ROUTE = POLICIES.replace(
  'permit (principal, action, resource is Gateway);',
  `permit (principal, action, resource is Gateway) unless { action == ${ROUTE} };
@id("approving-route") permit (principal in Role::"approver", action == ${ROUTE}, resource is Gateway);`,
).replace(
  'permit (principal in Role::"approver", action == Action::"approveForTopic"',
  'permit (principal, action == Action::"approveForTopic"',
);

let rig: ProposalsRig;
beforeAll(async () => {
  rig = await ProposalsRig.open({ organisations: ORGANISATIONS }, BY_ROUTE);
}, 120_000);
afterAll(() => rig.close());

/** A replica whose configuration says that Gil has no role any more. */
const withoutGil = async (play: (url: string) => Promise<void>): Promise<void> => {
  const globex = [...listMembers(['gil'], []), ...ORGANISATIONS.globex.slice(1)];
  const { organisations } = parseSettings({ organisations: { ...ORGANISATIONS, globex } });
  const replica = await rig.gateway.openReplica({ organisations });
  try {
    await play(replica.url);
  } finally {
    await replica.app.close();
  }
};
const PARTIES = { parties: ['acme', 'globex'], needed: 2 };

it('an approval rests on what lets it come by the route, also when it is counted', async () => {
  const { id } = await rig.propose(PARTIES);
  expect((await rig.approve('gil', id)).json).toMatchObject({ refusal: { code: 'quorum-incomplete' } });
  await withoutGil(async (url) => {
    expect((await rig.approve('abe', id, url)).json).toMatchObject({ refusal: { code: 'quorum-incomplete' } });
  });
  expect((await rig.submit('ann', id)).status).toBe(201);
});

it('who counts no longer fills no place of a colleague', async () => {
  const { id } = await rig.propose(PARTIES);
  for (const actor of ['gil', 'guy', 'gus', 'ben'] as const) expect((await rig.approve(actor, id)).status).toBe(201);
  expect((await rig.approve('una', id)).json).toMatchObject({ code: 'approvals-exhausted' });
  await withoutGil(async (url) => {
    expect((await rig.approve('una', id, url)).status).toBe(201);
  });
});

it('those who take part are told what became of it, also where they ask for it again', async () => {
  const { id } = await rig.propose(PARTIES);
  await rig.approve('abe', id);
  await rig.approve('gil', id);
  // As the relay leaves it when the network refuses it for good.
  await rig.gateway.database.owner.query(
    `update portcullis.transition set settlement = 'retracted' where request_key = $1`,
    [`proposal:${id}`],
  );
  for (const actor of ['ann', 'gil'] as const)
    expect(await rig.look(actor, id)).toMatchObject({ submission: { settlement: 'retracted' } });
  expect((await rig.submit('gil', id)).json).toMatchObject({ settlement: 'retracted' });
});
