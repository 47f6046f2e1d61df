import { fsck } from '#ledger';
import type { DataSource } from 'typeorm';

class Undo extends Error {}

/** Plants what only an owner without constraints could, looks, and takes it back: what fsck says, by invariant. */
export const plantBreach = async (owner: DataSource, statements: readonly string[]): Promise<Map<string, string>> => {
  let broken = new Map<string, string>();
  const work = owner.transaction(async (manager) => {
    for (const statement of statements) await manager.query(statement);
    const findings = (await fsck(manager)).filter(({ ok }) => !ok);
    broken = new Map(findings.map(({ invariant, violations }) => [invariant, violations.join('\n')]));
    throw new Undo();
  });
  await work.catch((error: unknown) => {
    if (!(error instanceof Undo)) throw error;
  });
  return broken;
};
