import { randomUUID } from 'node:crypto';
import { createTestDatabase, outpointOf, planStock } from '#testkit';
import type { TestDatabase } from '#testkit';
import { Client } from 'pg';
import { findInventory, listBasketOutputs, listBaskets, listReservedOutputs } from './basket-outputs';
import { findSubjectKey, listCertificates } from './certificates';
import { commitTransition } from './commit-transition';
import { findBasketOutput } from './find-basket-output';
import { findReplay, findReplays, findTransition, listSettlementEvents } from './find-transition';
import { listLeavingBaskets } from './foresee-commit';
import { postOffer, relinquishOutput, withdrawOffer } from './offers';
import { findReservation, releaseReservation, renewReservation, reserveOutputs } from './reservations';
import { listReliances } from './revocations';
import { findTrustChange, listTrustChanges, proposeTrust, withdrawTrust } from './trust-changes';
import { exportTrust, listTrustPins, listTrustRules } from './trust-rules';
import { closeWebhook, listWebhookIds, openWebhook } from './webhook-feeds';

/** As a programmer would who forgot: no statement of ours and no function of the ledger asks whose a row is any more. What is left is the database's wall. */
const FORGOTTEN = /(?:\w+\.|"\w+"\.)?"?organisation"? = (\$\d+|tenant\b|\(?asked->>'organisation'\)?)/g;
const forget = (sql: string): string => sql.replace(FORGOTTEN, '($1)::text is not null');

type Ask = (this: Client, question: unknown, ...rest: unknown[]) => unknown;
const prototype = Client.prototype as unknown as { query: Ask };
const { query } = prototype;
const ITS_SETTINGS = /^\s*(begin|select set_config)/i;

const forgetStatements = (): void => {
  prototype.query = function (question, ...rest) {
    if (typeof question === 'string') {
      return query.call(this, ITS_SETTINGS.test(question) ? question : forget(question), ...rest);
    }
    const named = question as { text: string; name?: string };
    return query.call(
      this,
      typeof named.text === 'string' ? { ...named, text: forget(named.text) } : question,
      ...rest,
    );
  };
};

/** Functions that a request calls in its own name. What works for all of them (THE COMMIT) is not among them. */
const FUNCTIONS = [
  ...['find_replay', 'certificates_of', 'trust_in_force', 'renew_reservation', 'release_reservation'],
  ...['withdraw_offer', 'relinquish_output', 'find_held', 'find_trust_change', 'export_trust'],
];

const forgetFunctions = async ({ owner }: TestDatabase): Promise<void> => {
  const functions = await owner.query<{ name: string; text: string }[]>(
    `select p.proname as name, pg_get_functiondef(p.oid) as text from pg_proc p
     where p.pronamespace = 'portcullis'::regnamespace and p.proname = any($1) order by 1`,
    [FUNCTIONS],
  );
  expect(functions.map(({ name }) => name)).toEqual([...FUNCTIONS].sort());
  for (const { name, text } of functions) {
    expect([name, forget(text) === text]).toEqual([name, false]);
    await owner.query(forget(text));
  }
};

let database: TestDatabase;
const id = randomUUID();
const hook = randomUUID();
const { subject, input } = planStock([{ tags: ['a'] }, {}, {}], { organisation: 'acme' });
const key = { requestKey: input.transition.requestKey, requestDigest: input.transition.requestDigest };
const identityKey = 'key of acme';
const terms = { needed: 2, members: [], configured: [] };

const plantAcme = async (): Promise<void> => {
  const { dataSource: db, owner } = database;
  expect(await commitTransition(db, input)).toMatchObject({ ok: true });
  const wanted = { id, organisation: 'acme', identityKey, basket: 'goods', want: { outputs: 1 }, ttlMs: 600_000 };
  expect(await reserveOutputs(db, wanted)).toMatchObject({ ok: true });
  const offered = {
    ...{ id, organisation: 'acme', sellerKey: identityKey, expiresAt: new Date(Date.now() + 600_000) },
    asset: { outpoint: outpointOf(subject, 1), basket: 'goods', satoshis: 1_000 },
    price: { satoshis: 5, lockingScript: Buffer.of(0x51), basket: 'income' },
  };
  expect(await postOffer(db, offered, 'r')).toMatchObject({ ok: true });
  const actor = { organisation: 'acme', identityKey, requestId: 'r' };
  const pin = { kind: 'pin', gateway: 'g', organisation: 'elsewhere' } as const;
  const proposal = { actor, content: pin, effectiveAt: undefined };
  expect(await proposeTrust(db, { ...proposal, ...terms, id })).toMatchObject({ ok: true });
  expect(await proposeTrust(db, { ...proposal, ...terms, needed: 1, id: randomUUID() })).toMatchObject({ ok: true });
  const rule = { certifier: 'c', type: 't', fields: ['f'], revocable: true, endorsement: '00' };
  const added = { ...proposal, ...terms, needed: 1, id: randomUUID(), content: { kind: 'add', ...rule } as const };
  expect(await proposeTrust(db, added)).toMatchObject({ ok: true });
  const opening = { id: hook, organisation: 'acme', topic: 'tm_test', url: 'https://a', position: -1, countMax: 5 };
  expect(await openWebhook(db, opening)).toBe(true);
  await owner.query(
    `insert into portcullis.subject_key (organisation, subject, id, wrapped, wrapped_by) values ('acme', $1, $2, '', 'k')`,
    [...[identityKey, id]],
  );
  await owner.query(
    `insert into portcullis.certificate (certifier, type, serial_number, organisation, subject, certificate_hash, revocation, disclosed, key_id, disclosure,
       presented_leaf, presented_at) values ('c', 't', 's', 'acme', $1, sha256('x'), '{}', '{}', $2, 'x', 0, now())`,
    [identityKey, id],
  );
  await owner.query(
    `insert into portcullis.reliance (transition_id, certificate_hash, state, source) values ($1, sha256('x'), 'not-revocable', 'x')`,
    [input.transition.id],
  );
};

type Probe = (organisation: string) => Promise<boolean>;
const some = (found: readonly unknown[]): boolean => found.length > 0;
const hash = async (): Promise<Buffer> =>
  (await database.owner.query<{ hash: Buffer }[]>(`select sha256('x') as hash`))[0]?.hash ?? Buffer.alloc(0);

/** Each asks for what is of acme, in the name of another organisation; true: it got something, or did something. What changes comes last. */
const probes = (): Record<string, Probe> => {
  const db = database.dataSource;
  const outpoint = outpointOf(subject, 2);
  const act = (organisation: string) => ({ organisation, identityKey, requestId: 'r' });
  return {
    findReplay: async (o) => {
      const found = await findReplay(db, o, key.requestKey, key.requestDigest);
      return !found.ok || found.value !== undefined;
    },
    findReplays: async (o) => (await findReplays(db, o, [key])).some((found) => !found.ok || found.value !== undefined),
    findTransition: async (o) => (await findTransition(db, o, input.transition.id)) !== undefined,
    'findTransition by txid': async (o) => (await findTransition(db, o, subject.txid)) !== undefined,
    listSettlementEvents: async (o) => some(await listSettlementEvents(db, o, input.transition.id)),
    listBaskets: async (o) => some(await listBaskets(db, o)),
    listBasketOutputs: async (o) => (await listBasketOutputs(db, o, 'goods', { limit: 5 })).total > 0,
    'listBasketOutputs by tag': async (o) =>
      some((await listBasketOutputs(db, o, 'goods', { limit: 5, tags: ['a'] })).outputs),
    listReservedOutputs: async (o) => some(await listReservedOutputs(db, o, id)),
    findInventory: async (o) => (await findInventory(db, o, 'goods')).onHand > 0,
    findBasketOutput: async (o) => (await findBasketOutput(db, o, { basket: 'goods', outpoint })) !== undefined,
    listLeavingBaskets: async (o) => some(await listLeavingBaskets(db, o, [{ outpoint, spenderTxid: subject.txid }])),
    findReservation: async (o) => (await findReservation(db, o, id)) !== undefined,
    findSubjectKey: async (o) => (await findSubjectKey(db, act(o))) !== undefined,
    listCertificates: async (o) => some(await listCertificates(db, act(o), 5)),
    listReliances: async (o) =>
      some(await listReliances(db, { organisation: o, certificateHash: await hash(), after: -1, limit: 5 })),
    listTrustRules: async (o) => some(await listTrustRules(db, o)),
    listTrustPins: async (o) => some(await listTrustPins(db, o)),
    exportTrust: async (o) => some((await exportTrust(db, o, 5)).rules),
    listTrustChanges: async (o) => some(await listTrustChanges(db, o, { limit: 5, before: undefined })),
    findTrustChange: async (o) => (await findTrustChange(db, o, id)) !== undefined,
    listWebhookIds: async (o) => some(await listWebhookIds(db, o, 'tm_test')),
    renewReservation: async (o) => (await renewReservation(db, o, id, 600_000)).ok,
    releaseReservation: async (o) => (await releaseReservation(db, o, id)).ok,
    withdrawOffer: async (o) => (await withdrawOffer(db, act(o), id)).ok,
    withdrawTrust: async (o) => (await withdrawTrust(db, act(o), id)).ok,
    closeWebhook: (o) => closeWebhook(db, o, hook),
    relinquishOutput: async (o) => (await relinquishOutput(db, { ...act(o), basket: 'goods', outpoint })).ok,
  };
};

const listReached = async (organisation: string): Promise<string[]> => {
  const reached: string[] = [];
  for (const [name, probe] of Object.entries(probes())) if (await probe(organisation)) reached.push(name);
  return reached;
};

beforeAll(async () => {
  database = await createTestDatabase();
  await plantAcme();
  await forgetFunctions(database);
  forgetStatements();
}, 90_000);
afterAll(async () => {
  prototype.query = query;
  await database.drop();
});

describe('a ledger that forgot to ask whose a row is', () => {
  it('shows and changes nothing of another organisation', async () => {
    expect(await listReached('globex')).toEqual([]);
  });

  it('would show and change everything but for the policies', async () => {
    const tables = await database.owner.query<{ name: string }[]>(
      `select relname as name from pg_class where relnamespace = 'portcullis'::regnamespace and relrowsecurity`,
    );
    for (const { name } of tables)
      await database.owner.query(`alter table portcullis.${name} disable row level security`);
    expect(await listReached('globex')).toEqual(Object.keys(probes()));
  });
});
