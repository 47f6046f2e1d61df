import type { Txid } from '../bytes';
import { LOOKUP_KEY_BYTES_MAX } from '../limits';
import type { VerifiedTransaction } from '../spv/verified-transaction';
import { listPlanFacts, planTransition, type TransitionQuestion } from './plan-transition';
import type { Admittance, Coin, TopicManager, TopicVerdict } from './topic-manager';

const output = (satoshis: number) => ({ satoshis, lockingScript: Uint8Array.of(satoshis) });
const subject = { txid: 'ab'.repeat(32) as Txid, outputs: [output(1), output(2), output(3)] };
const transaction = { subject, transactions: [subject] } as unknown as VerifiedTransaction;
const coin = (inputIndex: number): Coin => ({
  inputIndex,
  txid: 'cd'.repeat(32) as Txid,
  vout: inputIndex,
  ...output(5),
});
const nothing: Admittance = { admit: [], coinsToRetain: [], coinsToRemove: [] };
const admits = (vout: number, basket = 'orders', lookupKeys: string[] = ['k']) => ({ vout, basket, lookupKeys });

const topicOf = (verdict: TopicVerdict | (() => TopicVerdict), name = 'tm_a'): TopicManager => ({
  name,
  judge: typeof verdict === 'function' ? verdict : () => verdict,
});
const admitting = (admittance: Partial<Admittance>, name?: string): TopicManager =>
  topicOf({ admitted: true, admittance: { ...nothing, ...admittance } }, name);

const plan = (over: Partial<TransitionQuestion>) =>
  planTransition({ transaction, topics: [], baskets: new Map(), ...over });
const codeOf = async (question: Partial<TransitionQuestion>): Promise<string> => {
  const planned = await plan(question);
  return planned.ok ? 'planned' : `${planned.rejection.code}: ${planned.rejection.detail}`;
};

describe('planTransition', () => {
  it('collects what every topic admits, with scripts, coins, STEAK and baskets', async () => {
    const a = admitting({ admit: [admits(2, 'twos'), admits(0)], coinsToRetain: [4], coinsToRemove: [1] });
    const b = admitting({ admit: [admits(0, 'elsewhere', ['x', 'x'])] }, 'tm_b');
    const planned = await plan({
      topics: [
        { manager: a, coins: [coin(1), coin(4)] },
        { manager: b, coins: [] },
      ],
      baskets: new Map([[2, { basket: ' Mine ' }]]),
    });
    if (!planned.ok) throw new Error(planned.rejection.detail);
    expect(planned.value.topics[0]).toMatchObject({
      topic: 'tm_a',
      admit: [{ vout: 0, satoshis: 1, lockingScript: Uint8Array.of(1) }, { vout: 2 }],
      coins: [
        { vout: 1, retain: false },
        { vout: 4, retain: true },
      ],
    });
    expect(planned.value.topics[1]?.admit[0]?.lookupKeys).toEqual(['x']);
    expect(planned.value.steak['tm_a']).toEqual({ outputsToAdmit: [2, 0], coinsToRetain: [4], coinsRemoved: [1] });
    expect(planned.value.baskets.map(({ vout, basket }) => [vout, basket])).toEqual([
      [0, 'orders'],
      [2, 'mine'],
    ]);
    expect(listPlanFacts(planned.value, subject.txid)).toEqual({
      before: [`coin tm_a ${'cd'.repeat(32)}.1`, `coin tm_a ${'cd'.repeat(32)}.4`],
      after: [
        `coin tm_a ${subject.txid}.0`,
        `coin tm_a ${subject.txid}.2`,
        `coin tm_b ${subject.txid}.0`,
        `basket orders ${subject.txid}.0`,
        `basket mine ${subject.txid}.2`,
      ],
    });
  });

  it('changes nothing when one topic of several refuses', async () => {
    const topics = [
      { manager: admitting({ admit: [admits(0)] }), coins: [] },
      { manager: topicOf({ admitted: false, reason: 'not mine' }, 'tm_b'), coins: [] },
    ];
    expect(await codeOf({ topics })).toBe('topic-refused: tm_b: not mine');
  });

  const broken: [string, TopicManager, Coin[]][] = [
    [
      'throws',
      topicOf(() => {
        throw new Error('secret');
      }),
      [],
    ],
    ['answers nothing', topicOf(() => undefined as unknown as TopicVerdict), []],
    ['admits an output twice', admitting({ admit: [admits(0), admits(0)] }), []],
    ['admits an output that is not there', admitting({ admit: [admits(3)] }), []],
    ['admits output -1', admitting({ admit: [admits(-1)] }), []],
    ['admits nothing in silence', admitting({}), []],
    ['forgets a coin', admitting({ admit: [admits(0)] }), [coin(0)]],
    ['judges a coin twice', admitting({ coinsToRetain: [0], coinsToRemove: [0] }), [coin(0)]],
    ['judges a coin that is none', admitting({ admit: [admits(0)], coinsToRemove: [7] }), []],
    ['gives 9 lookup keys', admitting({ admit: [admits(0, 'b', 'abcdefghi'.split(''))] }), []],
    [
      'gives a lookup key of one byte too many',
      admitting({ admit: [admits(0, 'b', [`${'a'.repeat(LOOKUP_KEY_BYTES_MAX - 1)}é`])] }),
      [],
    ],
  ];
  it.each(broken)('refuses the whole submission when a topic %s', async (_, manager, coins) => {
    expect(await codeOf({ topics: [{ manager, coins }] })).toMatch(/^topic-failed: tm_a/);
    expect(await codeOf({ topics: [{ manager, coins }] })).not.toMatch(/secret/);
  });

  it('refuses a basket for an output that nobody admitted, a bad name, and the reserved one', async () => {
    const topics = [{ manager: admitting({ admit: [admits(0)] }), coins: [] }];
    expect(await codeOf({ topics, baskets: new Map([[1, { basket: 'orders' }]]) })).toBe(
      'basket-output-unknown: output 1',
    );
    expect(await codeOf({ topics, baskets: new Map([[0, { basket: 'a/b' }]]) })).toMatch(/^basket-name-invalid/);
    expect(await codeOf({ topics, baskets: new Map([[0, { basket: 'Default' }]]) })).toMatch(/^basket-name-invalid/);
  });

  it('asks topics that answer later all at once, and refuses with the fault that one names', async () => {
    const order: string[] = [];
    const later = (name: string, verdict: TopicVerdict): TopicManager => ({
      name,
      judge: async () => {
        order.push(`ask ${name}`);
        await Promise.resolve();
        order.push(`told ${name}`);
        return verdict;
      },
    });
    const admitted: TopicVerdict = { admitted: true, admittance: { ...nothing, admit: [admits(0)] } };
    const hung: TopicVerdict = { admitted: false, reason: 'took too long', fault: 'topic-unavailable' };
    const topics = [
      { manager: later('tm_a', admitted), coins: [] },
      { manager: later('tm_b', hung), coins: [] },
    ];
    expect(await codeOf({ topics })).toBe('topic-unavailable: tm_b: took too long');
    expect(order).toEqual(['ask tm_a', 'ask tm_b', 'told tm_a', 'told tm_b']);
    const planned = await plan({ topics });
    expect(!planned.ok && planned.rejection.at).toEqual({ topic: 'tm_b' });
  });

  it('leaves out a topic that is not concerned only where it is asked to, and says so in the STEAK', async () => {
    const elsewhere: TopicVerdict = { admitted: false, reason: 'nothing here', isElsewhere: true };
    const topics = [
      { manager: admitting({ admit: [admits(0)] }), coins: [] },
      { manager: topicOf(elsewhere, 'tm_b'), coins: [] },
    ];
    expect(await codeOf({ topics })).toBe('topic-refused: tm_b: nothing here');
    const planned = await plan({ topics, elsewhere: 'skip' });
    expect(planned.ok && planned.value.topics.map(({ topic }) => topic)).toEqual(['tm_a']);
    expect(planned.ok && planned.value.steak['tm_b']).toEqual({
      outputsToAdmit: [],
      coinsToRetain: [],
      coinsRemoved: [],
    });
  });

  it('keeps what no topic judged only where any output may be kept, with its tags, instructions and quantity', async () => {
    const baskets = new Map([[1, { basket: 'stock', tags: ['B', ' a', 'b'], customInstructions: 'x', quantity: 40 }]]);
    expect(await codeOf({ baskets })).toBe('basket-output-unknown: output 1');
    const planned = await plan({ baskets, keeps: 'any' });
    expect(planned.ok && planned.value.baskets).toEqual([
      { vout: 1, ...output(2), basket: 'stock', tags: ['a', 'b'], customInstructions: 'x', quantity: 40 },
    ]);
    expect(await codeOf({ baskets: new Map([[3, { basket: 'stock' }]]), keeps: 'any' })).toMatch(
      /^basket-output-unknown/,
    );
    expect(await codeOf({ baskets: new Map([[1, { basket: 'stock', tags: ['\n'] }]]), keeps: 'any' })).toMatch(/^tag-/);
    for (const quantity of [0, 1.5, -1, 2e9]) {
      const asked = { baskets: new Map([[1, { basket: 'stock', quantity }]]), keeps: 'any' as const };
      expect(await codeOf(asked)).toMatch(/^basket-output-invalid/);
    }
  });

  it('gives an output that its topic names no basket for to none', async () => {
    const planned = await plan({
      topics: [{ manager: admitting({ admit: [{ vout: 0, lookupKeys: [] }] }), coins: [] }],
    });
    expect(planned.ok && planned.value.baskets).toEqual([]);
  });
});
