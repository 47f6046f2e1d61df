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
const codeOf = (question: Partial<TransitionQuestion>): string => {
  const planned = plan(question);
  return planned.ok ? 'planned' : `${planned.rejection.code}: ${planned.rejection.detail}`;
};

describe('planTransition', () => {
  it('collects what every topic admits, with scripts, coins, STEAK and baskets', () => {
    const a = admitting({ admit: [admits(2, 'twos'), admits(0)], coinsToRetain: [4], coinsToRemove: [1] });
    const b = admitting({ admit: [admits(0, 'elsewhere', ['x', 'x'])] }, 'tm_b');
    const planned = plan({
      topics: [
        { manager: a, coins: [coin(1), coin(4)] },
        { manager: b, coins: [] },
      ],
      baskets: new Map([[2, ' Mine ']]),
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

  it('changes nothing when one topic of several refuses', () => {
    const topics = [
      { manager: admitting({ admit: [admits(0)] }), coins: [] },
      { manager: topicOf({ admitted: false, reason: 'not mine' }, 'tm_b'), coins: [] },
    ];
    expect(codeOf({ topics })).toBe('topic-refused: tm_b: not mine');
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
  it.each(broken)('refuses the whole submission when a topic %s', (_, manager, coins) => {
    expect(codeOf({ topics: [{ manager, coins }] })).toMatch(/^topic-failed: tm_a/);
    expect(codeOf({ topics: [{ manager, coins }] })).not.toMatch(/secret/);
  });

  it('refuses a basket for an output that nobody admitted, a bad name, and the reserved one', () => {
    const topics = [{ manager: admitting({ admit: [admits(0)] }), coins: [] }];
    expect(codeOf({ topics, baskets: new Map([[1, 'orders']]) })).toBe('basket-output-unknown: output 1');
    expect(codeOf({ topics, baskets: new Map([[0, 'a/b']]) })).toMatch(/^basket-name-invalid/);
    expect(codeOf({ topics, baskets: new Map([[0, 'Default']]) })).toMatch(/^basket-name-invalid/);
  });
});
