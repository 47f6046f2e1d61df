import { runMigrations } from 'bullmq';
import { Client } from 'pg';

/** BullMQ's tables live in the same database, in a schema of their own: they hold no truth and may be dropped while the relay is stopped. */
export const QUEUE_SCHEMA = 'portcullis_queue';
const APP_ROLE = 'portcullis_app';

/** Brings the queue's schema to this BullMQ's version (under BullMQ's own lock) and lets the application role use it. */
export const migrateQueueSchema = async (databaseUrl: string): Promise<void> => {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await runMigrations(client, QUEUE_SCHEMA);
    // Two replicas granting at once would fail with "tuple concurrently updated".
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock(hashtext($1))', [`${QUEUE_SCHEMA}.grant`]);
    // Create as well: BullMQ makes a sequence for each queue at its first job.
    await client.query(`grant usage, create on schema ${QUEUE_SCHEMA} to ${APP_ROLE}`);
    await client.query(
      `grant select, insert, update, delete, truncate on all tables in schema ${QUEUE_SCHEMA} to ${APP_ROLE}`,
    );
    await client.query(`grant usage, select, update on all sequences in schema ${QUEUE_SCHEMA} to ${APP_ROLE}`);
    await client.query(`grant execute on all functions in schema ${QUEUE_SCHEMA} to ${APP_ROLE}`);
    await client.query('commit');
  } finally {
    await client.end();
  }
};
