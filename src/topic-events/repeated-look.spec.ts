import { waitUntil } from '#testkit';
import { RepeatedLook } from './repeated-look';

const open = () => {
  const looks: boolean[] = [];
  const faults: unknown[] = [];
  let answer: { done: () => void; fail: (error: Error) => void } | undefined;
  const look = new RepeatedLook(
    (isCalled) => {
      looks.push(isCalled);
      return new Promise((done, fail) => (answer = { done, fail }));
    },
    (error) => faults.push(error),
  );
  return { look, looks, faults, done: () => answer?.done(), fail: (error: Error) => answer?.fail(error) };
};

describe('a look that is repeated', () => {
  it('goes on once at a time, and once more for whatever was called for meanwhile', async () => {
    const { look, looks, done } = open();
    look.go();
    look.go();
    look.call();
    look.call();
    expect(looks).toEqual([false]);
    done();
    await waitUntil('it looks again', () => looks.length > 1);
    done();
    await new Promise(setImmediate);
    expect(looks).toEqual([false, true]);
  });

  it('that fails is told and still owed, at the next occasion', async () => {
    const { look, looks, faults, fail, done } = open();
    look.call();
    fail(new Error('no database'));
    await waitUntil('it is told', () => faults.length > 0);
    await new Promise(setImmediate);
    expect(looks).toEqual([true]);
    look.go();
    expect(looks).toEqual([true, true]);
    done();
    await new Promise(setImmediate);
    look.go();
    expect(looks).toEqual([true, true, false]);
  });
});
