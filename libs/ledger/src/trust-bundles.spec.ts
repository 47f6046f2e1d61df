import {
  TRUST_MEMBERS,
  createTestDatabase,
  makeTrustOrganisation,
  planBundledRule,
  planTrust,
  planTrustImport,
  planTrustRule,
  trustActor,
  TRUST_PIN,
  type TestDatabase,
} from '#testkit';
import type { DataSource } from 'typeorm';
import { fsck } from './fsck';
import { approveTrust, proposeTrust } from './trust-changes';
import type { TrustProposal } from './trust-changes';
import { exportTrust, listTrustPins, listTrustRules } from './trust-rules';

const HOUR_MS = 3_600_000;

let database: TestDatabase;
let db: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.dataSource;
}, 90_000);
afterAll(async () => {
  const broken = (await fsck(db)).filter(({ ok }) => !ok);
  await database.drop();
  expect(broken).toEqual([]);
});

const propose = async (proposal: TrustProposal) => {
  const done = await proposeTrust(db, proposal);
  if (!done.ok) throw new Error(`${done.rejection.code} ${done.rejection.detail}`);
  return done.value;
};
const codeOf = async (proposal: TrustProposal): Promise<string> => {
  const done = await proposeTrust(db, proposal);
  return done.ok ? done.value.state : done.rejection.code;
};
const approve = async (organisation: string, identityKey: string, id: string, needed = 2) => {
  const done = await approveTrust(db, trustActor(organisation, identityKey), {
    id,
    needed,
    members: TRUST_MEMBERS,
    configured: [],
  });
  return done.ok ? done.value.state : done.rejection.code;
};
const later = (ms: number): Date => new Date(Date.now() + ms);
const count = (list: readonly string[], value: string): number => list.filter((one) => one === value).length;

describe('a bundle', () => {
  const openPinned = async (): Promise<string> => {
    const organisation = makeTrustOrganisation();
    await propose(planTrust(organisation, TRUST_PIN));
    return organisation;
  };

  it('needs its issuer pinned for that very organisation, at that very moment', async () => {
    const organisation = await openPinned();
    const one = planBundledRule();
    expect(await codeOf(planTrust(organisation, planTrustImport(1, [one], { organisation: 'initech' })))).toBe(
      'trust-bundle-unpinned',
    );
    expect(await codeOf(planTrust(organisation, planTrustImport(1, [one], { issuer: 'other' })))).toBe(
      'trust-bundle-unpinned',
    );
    expect(await codeOf(planTrust(makeTrustOrganisation(), planTrustImport(1, [one])))).toBe('trust-bundle-unpinned');
    const late = makeTrustOrganisation();
    await propose(planTrust(late, TRUST_PIN, { effectiveAt: later(HOUR_MS) }));
    expect(await codeOf(planTrust(late, planTrustImport(1, [one])))).toBe('trust-bundle-unpinned');
    expect(await codeOf(planTrust(late, planTrustImport(1, [one]), { effectiveAt: later(2 * HOUR_MS) }))).toBe(
      'scheduled',
    );
    expect(await codeOf(planTrust(organisation, planTrustImport(1, [one])))).toBe('effective');
  });

  it('takes the place of the one before, with no moment between, and its rules last no longer than itself', async () => {
    const organisation = await openPinned();
    const [stays, goes, over] = [
      planBundledRule(),
      planBundledRule(),
      planBundledRule({ until: later(-HOUR_MS).toISOString() }),
    ];
    const expiresAt = later(5 * HOUR_MS);
    await propose(
      planTrust(organisation, planTrustImport(1, [stays, goes, over], { expiresAt: expiresAt.toISOString() })),
    );
    expect(await listTrustRules(db, organisation, later(HOUR_MS))).toHaveLength(2);
    expect(await listTrustRules(db, organisation, expiresAt)).toEqual([]);
    const moment = later(HOUR_MS);
    await propose(planTrust(organisation, planTrustImport(2, [stays]), { effectiveAt: moment }));
    const at = async (ms: number) =>
      (await listTrustRules(db, organisation, new Date(moment.getTime() + ms)))
        .map(({ certifier }) => certifier)
        .sort();
    expect(await at(-1)).toEqual([stays.certifier, goes.certifier].sort());
    expect(await at(0)).toEqual([stays.certifier]);
    expect((await listTrustRules(db, organisation, moment))[0]?.source).toEqual({
      gateway: 'gateway',
      organisation: 'globex',
    });
  });

  it('that is old, replayed or over is refused, also where it was proposed before a newer one', async () => {
    const organisation = await openPinned();
    const waiting = await propose(planTrust(organisation, planTrustImport(5, [planBundledRule()]), { needed: 2 }));
    await propose(planTrust(organisation, planTrustImport(6, [planBundledRule()])));
    expect(await codeOf(planTrust(organisation, planTrustImport(6, [])))).toBe('trust-bundle-stale');
    expect(await codeOf(planTrust(organisation, planTrustImport(5, [])))).toBe('trust-bundle-stale');
    expect(await approve(organisation, 'bob', waiting.id)).toBe('trust-bundle-stale');
    const over = planTrustImport(7, [], { expiresAt: later(-1).toISOString() });
    expect(await codeOf(planTrust(organisation, over))).toBe('trust-bundle-expired');
    // Its life is counted from its issue: who writes that far ahead would be trusted as long.
    const ahead = {
      issuedAt: later(900 * 24 * HOUR_MS).toISOString(),
      expiresAt: later(901 * 24 * HOUR_MS).toISOString(),
    };
    expect(await codeOf(planTrust(organisation, planTrustImport(7, [], ahead)))).toBe('trust-bundle-malformed');
    expect(await codeOf(planTrust(organisation, planTrustImport(7, [])))).toBe('effective');
    expect(await listTrustRules(db, organisation, later(HOUR_MS))).toEqual([]);
  });

  it('is imported once, however many import it at the same moment', async () => {
    const organisation = await openPinned();
    const content = planTrustImport(3, [planBundledRule(), planBundledRule()]);
    const codes = await Promise.all(Array.from({ length: 8 }, () => codeOf(planTrust(organisation, content))));
    expect([count(codes, 'effective'), count(codes, 'trust-bundle-stale')]).toEqual([1, 7]);
    expect(await listTrustRules(db, organisation, later(HOUR_MS))).toHaveLength(2);
  });

  it('leaves the newest, in whichever order many come at the same moment', async () => {
    const organisation = await openPinned();
    const newest = planBundledRule();
    await Promise.all(
      Array.from({ length: 8 }, (_, place) =>
        codeOf(planTrust(organisation, planTrustImport(place + 1, [place === 7 ? newest : planBundledRule()]))),
      ),
    );
    expect(await listTrustRules(db, organisation, later(HOUR_MS))).toMatchObject([{ certifier: newest.certifier }]);
  });

  it('is refused whole where one of its rules contradicts what the organisation has', async () => {
    const organisation = await openPinned();
    const own = planBundledRule();
    await propose(
      planTrust(organisation, planTrustRule({ ...own, kind: 'add', from: undefined, endorsement: undefined })),
    );
    expect(await codeOf(planTrust(organisation, planTrustImport(1, [planBundledRule(), own])))).toBe(
      'trust-rule-conflict',
    );
    expect(await listTrustRules(db, organisation, later(HOUR_MS))).toHaveLength(1);
    expect(await codeOf(planTrust(organisation, planTrustImport(1, [planBundledRule()])))).toBe('effective');
  });

  it('goes with its pin, at the moment of that, and is not imported again under another pin', async () => {
    const organisation = await openPinned();
    await propose(planTrust(organisation, planTrustImport(1, [planBundledRule()])));
    const [found] = await listTrustPins(db, organisation, later(HOUR_MS));
    const moment = later(HOUR_MS);
    await propose(planTrust(organisation, { kind: 'end', id: found!.id }, { effectiveAt: moment }));
    expect(await listTrustRules(db, organisation, new Date(moment.getTime() - 1))).toHaveLength(1);
    expect(await listTrustRules(db, organisation, moment)).toEqual([]);
    expect(await listTrustPins(db, organisation, moment)).toEqual([]);
    // Until then the pin holds, and what comes by it ends with it.
    expect(await codeOf(planTrust(organisation, planTrustImport(2, [planBundledRule()])))).toBe('effective');
    expect(await listTrustRules(db, organisation, moment)).toEqual([]);
    expect(await codeOf(planTrust(organisation, TRUST_PIN, { effectiveAt: moment }))).toBe('scheduled');
    expect(
      await codeOf(planTrust(organisation, planTrustImport(2, [planBundledRule()]), { effectiveAt: moment })),
    ).toBe('trust-bundle-stale');
  });

  it('is of the rules of the organisation itself that are endorsed, and its number grows', async () => {
    const organisation = await openPinned();
    await propose(planTrust(organisation, planTrustRule()));
    await propose(planTrust(organisation, planTrustImport(1, [planBundledRule()])));
    const until = later(HOUR_MS).toISOString();
    const change = await propose(planTrust(organisation, planTrustRule({ endorsement: 'bb', until })));
    const first = await exportTrust(db, organisation, 10);
    expect(first.rules).toEqual([
      expect.objectContaining({
        endorsement: 'bb',
        fields: ['name', 'role'],
        until,
        from: change.tookEffectAt?.toISOString(),
      }),
    ]);
    const second = await exportTrust(db, organisation, 10);
    expect(second.sequence).toBeGreaterThan(first.sequence);
    expect(await exportTrust(db, makeTrustOrganisation(), 10)).toMatchObject({ rules: [] });
  });
});
