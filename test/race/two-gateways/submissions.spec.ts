import type { Txid } from '#atomic-core';
import { retractTransition } from '#ledger';
import type { RawAnswer } from '../../contract/raw-caller';
import { GatewaysRig, playAll } from './gateways-rig';

/** Merge size; `npm run test:race:full` asks for 10,000. */
const ROUNDS = Number(process.env['RACE_HTTP_ROUNDS'] ?? 60);
const COINS_A_ROUND = 8;
/** Rounds at once: each race also runs beside others, as it would in life. */
const LANES = 4;

jest.setTimeout(120_000 + ROUNDS * 2_000);

let rig: GatewaysRig;
beforeAll(async () => {
  rig = await GatewaysRig.open(ROUNDS * COINS_A_ROUND);
}, 120_000);
afterEach(async () => {
  expect(await rig.violations()).toEqual([]);
});
afterAll(() => rig.close());

const rounds = (play: (round: number) => Promise<void>): Promise<void> => playAll(ROUNDS, LANES, play);
const both = (first: Buffer, second: Buffer): Promise<[RawAnswer, RawAnswer]> =>
  Promise.all([rig.submit(0, first), rig.submit(1, second)]);
const txidOf = ({ body }: RawAnswer): Txid => (JSON.parse(body.toString()) as { txid: Txid }).txid;

/** Exactly one is applied, and the other is told which transaction that was. */
const expectOneWinner = (answers: readonly RawAnswer[]): void => {
  const [winner, ...more] = answers.filter(({ status }) => status === 201);
  const losers = answers.filter(({ status }) => status !== 201);
  expect([more.length, losers.map(({ code }) => code)]).toEqual([0, ['outpoint-spent']]);
  expect(losers[0]?.body.toString()).toContain(txidOf(winner as RawAnswer));
};

describe('two gateway processes race over HTTP', () => {
  it('R1: two submissions spend one outpoint: one is applied, the other is told who won', async () => {
    await rounds(async () => {
      const coin = rig.takeCoin();
      const [first, second] = [rig.spend([coin]), rig.spend([coin])];
      expectOneWinner(await both(rig.write([coin], [first]), rig.write([coin], [second])));
    });
  });

  it('R2: the same submission twice: one receipt, octet for octet', async () => {
    await rounds(async () => {
      const coin = rig.takeCoin();
      const beef = rig.write([coin], [rig.spend([coin])]);
      const [first, second] = await both(beef, beef);
      expect([first.status, second.status]).toEqual([201, 201]);
      expect(second.body.equals(first.body)).toBe(true);
    });
  });

  it('R3: overlapping sets in opposite orders: one winner, and no deadlock reaches a caller', async () => {
    await rounds(async () => {
      const [a, b] = [rig.takeCoin(), rig.takeCoin()];
      const [first, second] = [rig.spend([a, b]), rig.spend([b, a])];
      expectOneWinner(await both(rig.write([a, b], [first]), rig.write([b, a], [second])));
    });
  });

  it('R9: parent and child at once: both are applied in the end, and the topic holds what the child left', async () => {
    await rounds(async () => {
      const coin = rig.takeCoin();
      const parent = rig.spend([coin]);
      const child = rig.spend([parent.coins[0]!]);
      const childBeef = rig.write([coin], [parent, child]);
      const answers = await both(rig.write([coin], [parent]), childBeef);
      for (const { status, code } of answers) expect(status === 201 || code === 'coins-changed').toBe(true);
      // Who met the other on its way sends the same again.
      expect((await rig.submit(0, childBeef)).status).toBe(201);
      expect((await rig.submit(1, rig.write([coin], [parent]))).status).toBe(201);
      const [spent] = await rig.database.owner.query<{ spent_by: Buffer }[]>(
        'select spent_by from portcullis.topic_output where txid = $1 and vout = 0',
        [Buffer.from(parent.txid, 'hex').reverse()],
      );
      expect(spent?.spent_by.reverse().toString('hex')).toBe(child.txid);
    });
  });

  it('R10: a child never outlives a parent that is retracted meanwhile', async () => {
    const outcomes = new Set<string>();
    await rounds(async (round) => {
      const coin = rig.takeCoin();
      const parent = rig.spend([coin]);
      const child = rig.spend([parent.coins[0]!]);
      expect((await rig.submit(0, rig.write([coin], [parent]))).status).toBe(201);
      const [answer, retracted] = await Promise.all([
        rig.submit(round % 2 === 0 ? 0 : 1, rig.write([coin], [parent, child])),
        retractTransition(rig.database.dataSource, parent.txid, 'refused'),
      ]);
      const isApplied = answer.status === 201;
      outcomes.add(isApplied ? 'applied' : String(answer.code));
      expect(isApplied || answer.code === 'parent-retracted' || answer.code === 'coins-changed').toBe(true);
      // Applied before the retraction: it went with its parent.
      expect(retracted.includes(child.txid)).toBe(isApplied);
      const [live] = await rig.database.owner.query<{ n: number }[]>(
        `select count(*)::int as n from portcullis.topic_output where txid = any($1) and not retracted`,
        [[parent.txid, child.txid].map((txid) => Buffer.from(txid, 'hex').reverse())],
      );
      expect(live?.n).toBe(0);
    });
    expect(outcomes.size).toBeGreaterThan(0);
  });
});

describe('two versions of one topic', () => {
  it('R15: a submission is judged by one version as a whole, whichever gateway has it', async () => {
    const versions = await GatewaysRig.open(ROUNDS, { outputsMax: [1, 2] });
    try {
      for (let round = 0; round < ROUNDS; round += 2) {
        const pair = [versions.takeCoin(), versions.takeCoin()] as const;
        const made = pair.map((coin) => versions.spend([coin]));
        const answers = await Promise.all(
          [0, 1].map((place) => versions.submit(place as 0 | 1, versions.write([pair[place]!], [made[place]!]))),
        );
        for (const [place, { status, body }] of answers.entries()) {
          expect(status).toBe(201);
          const { admittance } = JSON.parse(body.toString()) as {
            admittance: Record<string, { outputsToAdmit: number[] }>;
          };
          const admitted = place === 0 ? [0] : [0, 1];
          expect(admittance['tm_race']?.outputsToAdmit).toEqual(admitted);
          const rows = await versions.database.owner.query<{ vout: number }[]>(
            'select vout from portcullis.topic_output where txid = $1 order by vout',
            [Buffer.from(made[place]!.txid, 'hex').reverse()],
          );
          expect(rows.map(({ vout }) => vout)).toEqual(admitted);
        }
      }
      expect(await versions.violations()).toEqual([]);
    } finally {
      await versions.close();
    }
  });
});
