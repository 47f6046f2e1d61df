import { Pool } from 'pg';
import { createTestDatabase, type TestDatabase } from '#testkit';
import { GuardedClient } from './guarded-client';

describe('a connection of a pool that somebody else holds', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  }, 90_000);
  afterAll(() => database.drop());

  it('may be lost between two questions, and says so to the next', async () => {
    const pool = new Pool({ connectionString: database.url, Client: GuardedClient });
    const client = await pool.connect();
    expect(client).toBeInstanceOf(GuardedClient);
    // Nobody here listens to errors: without the guard this ends the process.
    const lost = new Promise((resolve) => client.once('end', () => resolve('lost')));
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    await database.owner.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
    expect(await lost).toBe('lost');
    await expect(client.query('select 1')).rejects.toThrow();
    client.release(true);
    await pool.end();
  });
});
