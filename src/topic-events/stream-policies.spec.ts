import { accept, reject, type Result } from '#atomic-core';
import { waitUntil } from '#testkit';
import type { PolicyGrant } from '../policies';
import { StreamPolicies } from './stream-policies';

const GRANT: PolicyGrant = { policyVersion: '00'.repeat(32), policies: [], reliesOn: [] };
const PERMITTED = accept(GRANT);
const DENIED: Result<PolicyGrant> = reject('policy-denied');

/** Holders of rights by their names, and how each question is answered: `hangs` never. */
const open = () => {
  const asked: string[] = [];
  const ended = new Map<string, string>();
  const faults: unknown[] = [];
  const policies = new StreamPolicies<string>({ write: (_level, _event, fields) => void faults.push(fields) });
  const look = (answers: Record<string, Result<PolicyGrant> | 'hangs' | Error>, isCalled = false): Promise<void> =>
    policies.look({
      holders: Object.entries(answers).map(([name, answer]) => ({
        right: name,
        policy: {
          name,
          ask: () => {
            asked.push(name);
            if (answer instanceof Error) return Promise.reject(answer);
            return answer === 'hangs' ? new Promise(() => undefined) : Promise.resolve(answer);
          },
        },
      })),
      isCalled,
      end: (right, reason) => void ended.set(right, reason),
    });
  return { asked, ended, faults, look };
};
const many = <T>(count: number, name: string, answer: T): Record<string, T> =>
  Object.fromEntries(Array.from({ length: count }, (_, place) => [`${name} ${place}`, answer]));

describe('whether policies still let streams go on', () => {
  it('is told of each as its answer comes, behind any number that do not answer', async () => {
    const { ended, look } = open();
    const startedAt = performance.now();
    const looking = look({ ...many(64, 'slow', 'hangs' as const), late: DENIED }, true);
    await waitUntil('it is told', () => ended.size > 0);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect([...ended]).toEqual([['late', 'the right to read is over: policy-denied']]);
    await looking;
  });

  it('is asked in turns: who was not asked in one look is in the next, and who has not answered is left alone', async () => {
    const { asked, look } = open();
    const all = { ...many(8, 'slow', 'hangs' as const), ...many(100, 'quick', PERMITTED) };
    await look(all);
    expect(asked).toHaveLength(64);
    await look(all);
    expect(new Set(asked)).toEqual(new Set(Object.keys(all)));
    expect(asked.filter((name) => name.startsWith('slow'))).toHaveLength(8);
  });

  it('is asked of all when something was revoked, and again of those whose question is older than that', async () => {
    const { asked, ended, look } = open();
    const all = many(100, 'quick', PERMITTED);
    await look({ slow: 'hangs', ...all });
    asked.length = 0;
    await look({ ...all, slow: DENIED }, true);
    expect(new Set(asked)).toEqual(new Set(Object.keys(all)));
    // It was asked a moment ago, so that a storm of revocations is no storm of questions; a look of routine makes up for it.
    await waitUntil('it is asked anew', async () => {
      await look({ ...all, slow: DENIED });
      return ended.has('slow');
    });
    expect(asked.filter((name) => name === 'slow')).toHaveLength(1);
  });

  it('goes on where it cannot be found out, and is asked again', async () => {
    const { asked, ended, faults, look } = open();
    const error = new Error('no database');
    await look({ one: error, two: DENIED });
    await look({ one: PERMITTED });
    expect([...ended.keys()]).toEqual(['two']);
    expect(faults).toEqual([{ error }]);
    expect(asked).toEqual(['one', 'two', 'one']);
  });
});
