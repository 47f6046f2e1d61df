import { setImmediate as turn } from 'node:timers/promises';
import { accept, limits, reject, type Result } from '#atomic-core';
import type { CommitInput, CommitOutcome } from '#ledger';
import { buildPlainTransaction, planPlainCommit, randomOutpoint } from '#testkit';
import type { CommitEnd } from './commit-group';
import { CommitPool, type CommitPoolSettings } from './commit.pool';
import { GroupRoom } from './group-room';

const inputOf = (organisation = 'acme', bytes?: number): CommitInput => {
  const input = planPlainCommit({ subject: buildPlainTransaction([randomOutpoint()]), organisation });
  const [subject] = input.transactions;
  if (bytes === undefined || subject === undefined) return input;
  return { ...input, transactions: [{ ...subject, raw: Buffer.alloc(bytes) }] };
};
const many = (count: number, organisation?: string): CommitInput[] =>
  Array.from({ length: count }, () => inputOf(organisation));

const outcomeOf = ({ transition: { id } }: CommitInput): CommitOutcome => ({
  kind: 'applied',
  receipt: { id, auditLeaf: 0, basketsRemoved: [] },
  transitionId: id,
  leafIndex: 0,
});
const applied = (input: CommitInput): CommitEnd => ({ status: 'fulfilled', value: accept(outcomeOf(input)) });
const codeOf = (result: Result<CommitOutcome>): string => (result.ok ? result.value.kind : result.rejection.code);

/** Statements that end when the test says so. */
class Statements {
  readonly begun: (readonly CommitInput[])[] = [];
  readonly #ends: { end: (ends: readonly CommitEnd[]) => void; fail: (error: Error) => void }[] = [];

  readonly commit = (group: readonly CommitInput[]): Promise<readonly CommitEnd[]> => {
    this.begun.push(group);
    return new Promise((end, fail) => this.#ends.push({ end, fail }));
  };

  async end(place: number, endOf: (input: CommitInput, place: number) => CommitEnd = applied): Promise<void> {
    this.#ends[place]?.end((this.begun[place] ?? []).map(endOf));
    await turn();
  }

  async fail(place: number, error: Error): Promise<void> {
    this.#ends[place]?.fail(error);
    await turn();
  }
}

const openRoom: CommitPoolSettings['openRoom'] = () => {
  const room = new GroupRoom();
  return (share) => room.take(share);
};
const open = (over: Partial<CommitPoolSettings> = {}): { pool: CommitPool; statements: Statements } => {
  const statements = new Statements();
  return { statements, pool: new CommitPool({ lanes: 1, openRoom, commit: statements.commit, ...over }) };
};

describe('a pool of COMMITs', () => {
  it('begins a lone one at once, and its answer is its own', async () => {
    const { pool, statements } = open();
    const [first, second] = many(2) as [CommitInput, CommitInput];
    const answer = pool.commit(first);
    expect(statements.begun).toEqual([[first]]);
    await statements.end(0);
    expect(await answer).toEqual(accept(outcomeOf(first)));
    void pool.commit(second);
    expect(statements.begun).toEqual([[first], [second]]);
    await statements.end(1);
  });

  it('lets those who come meanwhile go together in their order, each with its own answer', async () => {
    const { pool, statements } = open();
    const inputs = many(5);
    const answers = inputs.map((input) => pool.commit(input));
    expect([statements.begun.length, pool.waiting]).toEqual([1, 4]);
    await statements.end(0);
    expect([statements.begun[1], pool.waiting]).toEqual([inputs.slice(1), 0]);
    await statements.end(1, (input, place) =>
      place === 2 ? { status: 'fulfilled', value: reject('outpoint-spent', 'by another') } : applied(input),
    );
    const results = await Promise.all(answers);
    expect(results.map(codeOf)).toEqual(['applied', 'applied', 'applied', 'outpoint-spent', 'applied']);
    expect(results[4]).toEqual(accept(outcomeOf(inputs[4] as CommitInput)));
  });

  it('keeps to the bounds of a group', async () => {
    const { pool, statements } = open();
    const half = limits.GROUP_BYTES_MAX / 2;
    const inputs = [inputOf(), inputOf('acme', half), inputOf('acme', half), inputOf('acme', half), ...many(60)];
    const answers = inputs.map((input) => pool.commit(input));
    for (let place = 0; place < 4; place += 1) await statements.end(place);
    expect(statements.begun.map(({ length }) => length)).toEqual([1, 2, limits.GROUP_COMMITS_MAX, 11]);
    expect((await Promise.all(answers)).every(({ ok }) => ok)).toBe(true);
  });

  it('lets the one of another organisation go with the next group, however many of one wait', async () => {
    const { pool, statements } = open();
    const flood = many(200, 'flood');
    for (const input of flood) void pool.commit(input);
    const quiet = inputOf('quiet');
    const answer = pool.commit(quiet);
    await statements.end(0);
    expect(statements.begun[1]?.slice(0, 3)).toEqual([flood[1], quiet, flood[2]]);
    await statements.end(1);
    expect(codeOf(await answer)).toBe('applied');
    void pool.close();
    await statements.end(2);
  });

  it('runs as many statements at once as it has lanes', async () => {
    const { pool, statements } = open({ lanes: 2, openRoom: () => () => false });
    const inputs = many(4);
    const answers = inputs.map((input) => pool.commit(input));
    expect(statements.begun).toEqual([[inputs[0]], [inputs[1]]]);
    await statements.end(1);
    expect(statements.begun[2]).toEqual([inputs[2]]);
    for (const place of [0, 2, 3]) await statements.end(place);
    expect((await Promise.all(answers)).every(({ ok }) => ok)).toBe(true);
  });
});

describe('a pool of COMMITs under stress', () => {
  it('turns away who finds the line full, of one organisation and of all', async () => {
    const { pool, statements } = open();
    const refused = async (organisation: string): Promise<string> => codeOf(await pool.commit(inputOf(organisation)));
    const ofOne = limits.COMMIT_LINE_MAX / 2;
    const answers = many(1 + ofOne, 'flood').map((input) => pool.commit(input));
    expect(await refused('flood')).toBe('verification-busy');
    for (let count = 0; count < limits.COMMIT_LINE_MAX - ofOne; count += 1)
      answers.push(pool.commit(inputOf(`other ${count}`)));
    expect(await refused('late')).toBe('verification-busy');
    for (let place = 0; place < statements.begun.length; place += 1) await statements.end(place);
    expect((await Promise.all(answers)).every(({ ok }) => ok)).toBe(true);
  });

  it('holds no more bytes in line than it may, though one may be larger', async () => {
    const { pool, statements } = open();
    const answers = [pool.commit(inputOf()), pool.commit(inputOf('acme', limits.COMMIT_LINE_BYTES_MAX))];
    expect(codeOf(await pool.commit(inputOf()))).toBe('verification-busy');
    await statements.end(0);
    answers.push(pool.commit(inputOf()));
    for (const place of [1, 2]) await statements.end(place);
    expect((await Promise.all(answers)).map(codeOf)).toEqual(['applied', 'applied', 'applied']);
  });

  it('leaves half of the bytes to other organisations', async () => {
    const { pool, statements } = open();
    const half = limits.COMMIT_LINE_BYTES_MAX / 2;
    const answers = [pool.commit(inputOf()), pool.commit(inputOf('flood', half))];
    expect(codeOf(await pool.commit(inputOf('flood')))).toBe('verification-busy');
    answers.push(pool.commit(inputOf('other', 1_000)));
    for (let place = 0; place < statements.begun.length; place += 1) await statements.end(place);
    expect((await Promise.all(answers)).map(codeOf)).toEqual(['applied', 'applied', 'applied']);
  });

  it('tells who waited too long to come back, and does not commit it later', async () => {
    const { pool, statements } = open({ patienceMs: 1 });
    const first = pool.commit(inputOf());
    expect(codeOf(await pool.commit(inputOf()))).toBe('verification-busy');
    expect(pool.waiting).toBe(0);
    await statements.end(0);
    expect([codeOf(await first), statements.begun.length]).toEqual(['applied', 1]);
  });

  it('throws to each of a group what the group threw, to one what is its own, and goes on', async () => {
    const { pool, statements } = open();
    const answers = many(4).map((input) =>
      pool.commit(input).then(codeOf, (error: unknown) => (error as Error).message),
    );
    await statements.fail(0, new Error('the connection was lost'));
    expect(await answers[0]).toBe('the connection was lost');
    await statements.end(1, (input, place) =>
      place === 1 ? { status: 'rejected', reason: new Error('a fault') } : applied(input),
    );
    expect(await Promise.all(answers.slice(1))).toEqual(['applied', 'a fault', 'applied']);
    const last = expect(pool.commit(inputOf())).rejects.toThrow('lost again');
    await statements.fail(2, new Error('lost again'));
    await last;
  });

  it('finishes what is under way when it closes, and turns away what waits and what comes', async () => {
    const { pool, statements } = open();
    const [running, waiting] = many(2).map((input) => pool.commit(input)) as [
      Promise<Result<CommitOutcome>>,
      Promise<Result<CommitOutcome>>,
    ];
    const closed = pool.close();
    expect(codeOf(await waiting)).toBe('shutting-down');
    expect(codeOf(await pool.commit(inputOf()))).toBe('shutting-down');
    await statements.end(0);
    await closed;
    expect([codeOf(await running), statements.begun.length]).toEqual(['applied', 1]);
  });
});
