import { createTestDatabase, plainPayer, planPlainDraw, plantBreach, topUpPlainly } from '#testkit';
import type { TestDatabase } from '#testkit';
import { drawAlone } from './accounts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  const planted = plainPayer('planted');
  await topUpPlainly(database.dataSource, planted, 1_000);
  await drawAlone(database.dataSource, planted, planPlainDraw(10));
}, 90_000);
afterAll(() => database.drop());

describe('fsck of accounts', () => {
  const last = `(select max(seq) from portcullis.account_entry where organisation = 'planted')`;
  it.each<[string, string[]]>([
    [
      'an account is not the sum',
      [`update portcullis.account set balance = balance + 1 where organisation = 'planted'`],
    ],
    [
      'an entry does not follow',
      [
        `update portcullis.account_entry set balance_after = balance_after + 1 where organisation = 'planted' and seq = 1`,
      ],
    ],
    [
      'more is drawn than was there',
      [
        'alter table portcullis.account_entry drop constraint account_entry_draws_within_credit',
        `update portcullis.account_entry set balance_after = -1 where organisation = 'planted' and seq = ${last}`,
      ],
    ],
    [
      'a payment that was refused is not owed',
      [
        'alter table portcullis.payment_claim disable trigger payment_claim_owed',
        `update portcullis.payment_claim set settlement = 'retracted' where organisation = 'planted'`,
      ],
    ],
    [
      'a debt is of no refused payment',
      [`update portcullis.account_entry set kind = 'debt' where organisation = 'planted' and seq = 1`],
    ],
    [
      'what is kept of a payment is not',
      [
        `update portcullis.account_entry set satoshis = satoshis + 1 where organisation = 'planted' and kind = 'top-up'`,
      ],
    ],
    [
      'a credit is of nothing',
      [`update portcullis.account_entry set kind = 'credit' where organisation = 'planted' and kind = 'top-up'`],
    ],
    [
      'an entry lacks its audit leaf',
      [`update portcullis.account_entry set leaf_index = null where organisation = 'planted' and seq = 1`],
    ],
    [
      'what was given back still waits',
      [
        `insert into portcullis.unserved values ('planted', 'drawn', 1, 1, now())`,
        `update portcullis.account_entry set key = 'credit:drawn' where organisation = 'planted' and seq = 1`,
      ],
    ],
  ])('finds that %s', async (sentence, statements) => {
    expect((await plantBreach(database.owner, statements)).get('I27')).toContain(sentence);
  });
});
