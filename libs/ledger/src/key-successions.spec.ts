import { createTestDatabase, type TestDatabase } from '#testkit';
import { limits } from '#atomic-core';
import { keepKeySuccession, listKeySuccessions } from './key-successions';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
}, 90_000);
afterAll(() => database.drop());

const keep = (certifier: string, successor: string, signature = 'aa') =>
  keepKeySuccession(
    database.dataSource,
    { certifier, successor, issuedAt: '2026-11-30T09:00:00.000Z' },
    Buffer.from(signature, 'hex'),
  );
const list = async (from: string) =>
  (await listKeySuccessions(database.dataSource, from)).map(({ succession: { successor } }) => successor);

it('keeps what a key said first, and goes from one to the next', async () => {
  await keep('a', 'b');
  await keep('b', 'c', 'bb');
  await keep('a', 'x');
  expect(await listKeySuccessions(database.dataSource, 'a')).toEqual([
    { succession: { certifier: 'a', successor: 'b', issuedAt: '2026-11-30T09:00:00.000Z' }, signature: 'aa' },
    { succession: { certifier: 'b', successor: 'c', issuedAt: '2026-11-30T09:00:00.000Z' }, signature: 'bb' },
  ]);
  expect([await list('b'), await list('c')]).toEqual([['c'], []]);
});

it('goes no further than anybody follows, in a circle neither', async () => {
  await keep('one', 'other');
  await keep('other', 'one');
  expect(await list('one')).toHaveLength(limits.KEY_SUCCESSIONS_MAX);
});

it('gives the application no way to take one back', async () => {
  for (const statement of [
    'delete from portcullis.key_succession',
    `update portcullis.key_succession set successor = 'x'`,
  ])
    await expect(database.dataSource.query(statement)).rejects.toThrow('permission denied');
});
