import { limits } from '#atomic-core';
import { buildPlainTransaction, planPlainCommit, randomOutpoint } from '#testkit';
import { GroupRoom, measureShare } from './group-room';

const input = planPlainCommit({ subject: buildPlainTransaction([randomOutpoint()], [1, 2]) });
const [topic] = input.topics;
const [kept] = input.baskets.add;

describe('what a COMMIT takes of its group', () => {
  it('counts every row that it writes, with the keys and tags of its outputs', () => {
    const { rows } = measureShare(input);
    const keyed = topic!.admit.map((output) => ({ ...output, lookupKeys: ['one', 'two'] }));
    const more = measureShare({ ...input, topics: [{ ...topic!, admit: keyed }] }).rows - rows;
    const before = topic!.admit.reduce((sum, { lookupKeys }) => sum + lookupKeys.length, 0);
    expect(more).toBe(2 * keyed.length - before);
    const tags = Array.from({ length: 64 }, (_, index) => `tag ${index}`);
    const add = [...input.baskets.add, { ...kept!, tags }];
    expect(measureShare({ ...input, baskets: { add } }).rows).toBe(rows + 65);
  });

  it('leaves no room beyond the rows of a group, but for one alone', () => {
    const room = new GroupRoom();
    const large = { rows: limits.GROUP_ROWS_MAX + 1, bytes: 1 };
    expect([room.take(large), room.take({ rows: 1, bytes: 1 })]).toEqual([true, false]);
  });
});
