import { RejectionError } from '../ingress';
import { STRANGERS_WAITING_MAX, StrangerTurns } from './stranger-turns';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('strangers', () => {
  it('are heard one for each turn of the event loop, in the order in which they came', async () => {
    const turns = new StrangerTurns();
    const heard: string[] = [];
    const say = (name: string): void => void turns.take().then(() => heard.push(name));
    ['a', 'b', 'c'].forEach(say);
    await Promise.resolve();
    expect(heard).toEqual([]);
    await nextTurn();
    expect(heard).toEqual(['a']);
    say('d');
    for (const all of [
      ['a', 'b'],
      ['a', 'b', 'c'],
      ['a', 'b', 'c', 'd'],
    ]) {
      await nextTurn();
      expect(heard).toEqual(all);
    }
    say('e');
    await nextTurn();
    expect(heard).toContain('e');
  });

  it('are told to come again when too many wait, and heard again when some have gone', async () => {
    const turns = new StrangerTurns();
    const waiting = Array.from({ length: STRANGERS_WAITING_MAX }, () => turns.take());
    expect(() => turns.take()).toThrow(RejectionError);
    await waiting[0];
    await expect(Promise.all([turns.take(), ...waiting])).resolves.toHaveLength(STRANGERS_WAITING_MAX + 1);
  });
});
