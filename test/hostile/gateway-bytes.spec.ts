import type { ChainTracker, RootQuestion } from '#ports';
import { CHAIN_TRACKER } from '../../src/chain';
import { type Caller, SubmissionsRig } from '../contract/submissions-rig';
import { hostileCases } from './corpus/list-cases';

/** RELIABILITY §7 through the real gateway, mutual authentication and payment included: the code reaches the caller, and the next caller is served. */

/** bytes: base64 in JSON must pass the body limit. What is larger is refused at the door (http-sizes.spec.ts). */
const BYTES_MAX = 3_000_000;
/** What the codes of these rest on is the height of the chain, and the development network's is not theirs. */
const ofHeight = /coinbase|locked/;

const spread = (count: number): typeof hostileCases => {
  const perClass = new Map<string, number>();
  return hostileCases.filter(({ of, name, code, build }) => {
    const taken = perClass.get(of) ?? 0;
    if (taken >= count || code === 'accepted' || ofHeight.test(name)) return false;
    if (build().length > BYTES_MAX) return false;
    perClass.set(of, taken + 1);
    return true;
  });
};

describe('hostile bytes at the gateway', () => {
  let rig: SubmissionsRig;
  let caller: Caller;
  beforeAll(async () => {
    rig = await SubmissionsRig.open();
    caller = await rig.openCaller(1_000_000);
    // The made-up blocks of the corpus count as ours, or nothing behind their roots would be reached.
    const chain = rig.app.get<ChainTracker>(CHAIN_TRACKER, { strict: false });
    const agree = (roots: readonly RootQuestion[]) => Promise.resolve(roots.map(() => 'OK' as const));
    jest.spyOn(chain, 'judgeRoots').mockImplementation(agree);
    jest.spyOn(chain, 'judgeRootsUnder').mockImplementation((_, roots) => agree(roots));
  }, 120_000);
  afterAll(() => rig.close(), 60_000);

  it.each(spread(3).map((each) => [`${each.of}: ${each.name}`, each] as const))(
    '%s',
    async (_name, { code, build }) => {
      const bytes = build();
      if (bytes.length > BYTES_MAX) return expect(code).toBe('beef-limit-exceeded');
      const [status, answered] = await rig.refused(() => caller.submit(bytes));
      expect(answered).toBe(code);
      expect(status).toBeLessThan(500);
      expect((await caller.call('/v1/identity')).status).toBe(200);
    },
  );
});
