import { sha256d } from '#atomic-core';
import { rewindBlocks } from '#ledger';
import type { TestDatabase } from '#testkit';

const TABLE = `create table if not exists portcullis.block_header (hash bytea primary key, previous_hash bytea, height integer, header bytea,
  work numeric, is_best boolean); grant select, insert, update, delete on portcullis.block_header to portcullis_app`;

/** Stores the development network's best chain as ours, with the rewind that a reorg brings, in one transaction. */
export const storeDevnetHeaders = async (database: TestDatabase, devnetUrl: string): Promise<void> => {
  const answer = await fetch(`${devnetUrl}/chaintracks/v2/headers?height=0&count=10000`);
  const bytes = Buffer.from(await answer.arrayBuffer());
  await database.owner.query(TABLE);
  await database.dataSource.transaction(async (manager) => {
    const before = await manager.query<{ hash: Buffer }[]>('select hash from portcullis.block_header where is_best');
    await manager.query('update portcullis.block_header set is_best = false where is_best');
    const now = new Set<string>();
    for (let height = 0; height * 80 < bytes.length; height += 1) {
      const header = bytes.subarray(height * 80, height * 80 + 80);
      const hash = sha256d(header);
      now.add(hash.toString('hex'));
      await manager.query(
        `insert into portcullis.block_header (hash, previous_hash, height, header, work, is_best) values ($1, $2, $3, $4, $5, true)
         on conflict (hash) do update set is_best = true`,
        [hash, header.subarray(4, 36), height, header, height],
      );
    }
    const gone = before.filter(({ hash }) => !now.has(hash.toString('hex')));
    await rewindBlocks(
      manager,
      gone.map(({ hash }) => Buffer.from(hash).reverse().toString('hex')),
    );
  });
};
