import type { RevocationAnswer } from '#ports';
import { judgeRevocation, listSilent } from './judge-revocation';
import type { SpendFinding } from './prove-spend';

const good = (asOfMs = 9): RevocationAnswer => ({ state: 'good', asOfMs });
const revoked = (spenderTxid = 'aa'): RevocationAnswer => ({ state: 'revoked', spenderTxid });
const unknown: RevocationAnswer = { state: 'unknown', detail: 'down' };
const judge = (...answers: readonly RevocationAnswer[]) =>
  judgeRevocation(answers.map((answer, place) => ({ source: `s${place}`, answer })));

it.each<[string, readonly RevocationAnswer[], object]>([
  ['nobody', [], { state: 'unknown' }],
  ['nobody who knows', [unknown, unknown], { state: 'unknown', detail: 's0: down; s1: down' }],
  ['one who knows nothing against it', [unknown, good()], { state: 'good', source: 's1', asOfMs: 9 }],
  ['two, as of the older answer', [good(9), good(5)], { state: 'good', source: 's0, s1', asOfMs: 5 }],
  ['one who has the spender', [revoked(), unknown], { state: 'revoked', spenderTxid: 'aa', source: 's0' }],
  ['two who have the same spender', [revoked(), revoked()], { state: 'revoked', source: 's0, s1' }],
  ['two who have different ones', [revoked('aa'), revoked('bb')], { state: 'unknown' }],
  ['two who contradict each other', [good(), revoked()], { state: 'unknown' }],
  ['two against one', [good(), good(), revoked()], { state: 'unknown' }],
])('with %s', (_who, answers, verdict) => expect(judge(...answers)).toMatchObject(verdict));

it.each<[string, Partial<SpendFinding>, readonly string[]]>([
  ['was named', {}, ['s0', 's2']],
  ['is shown not to spend it', { isRefuted: true }, []],
  ['is proved falsely by one of them', { liars: new Set(['s2']) }, ['s0']],
  ['is another than what is shown not to spend it', { spenderTxid: 'bb', isRefuted: true }, ['s0', 's2']],
])('who is silent keeps an earlier word, or none, where its spender %s', (_what, over, silent) => {
  const finding: SpendFinding = { spenderTxid: 'aa', proven: undefined, isRefuted: false, liars: new Set(), ...over };
  const answers = [unknown, good(), unknown].map((answer, place) => ({ source: `s${place}`, answer }));
  expect(listSilent(answers, [finding], 'aa')).toEqual(silent);
});
