import { accept, encodeLeaf, hashState, sha256 } from '#atomic-core';
import type { Result } from '#atomic-core';
import { hexOf, onlyRow, runRefusable, runStatement } from './database';
import type { Database } from './database';
import type { Actor } from './offers';

export interface StoredPlan {
  readonly name: string;
  readonly version: number;
  readonly organisation: string;
  readonly effectiveFrom: Date;
  readonly definition: unknown;
  readonly publishedBy: string;
  readonly auditLeaf: number;
}

/** Every version of every plan, oldest first: terms and entries name versions of long ago. */
export const listPlans = (db: Database): Promise<StoredPlan[]> =>
  runStatement(
    db,
    `select name, version, organisation, effective_from as "effectiveFrom", definition, identity_key as "publishedBy",
       leaf_index::float8 as "auditLeaf" from portcullis.plan order by name, version`,
    [],
  );

export interface PlanOrder {
  readonly name: string;
  /** JSON, without the name. */
  readonly definition: unknown;
  readonly from: Date;
  /** It takes effect after this at the earliest: by then every replica has read it. */
  readonly leadMs: number;
}

export interface PublishedPlan {
  readonly version: number;
  readonly effectiveFrom: Date;
  readonly auditLeaf: number;
}

/** The next version of the plan of this name. Refused: `plan-conflict`, where the last one takes effect later or is of another organisation. */
export const publishPlan = async (db: Database, actor: Actor, order: PlanOrder): Promise<Result<PublishedPlan>> => {
  const { organisation, identityKey, requestId } = actor;
  const { name, definition, from, leadMs } = order;
  const content = sha256(Buffer.from(JSON.stringify(definition), 'utf8'));
  const leaf = encodeLeaf({
    ...{ decision: 'plan-published', atMs: Date.now(), organisation, identityKey, requestId, subject: name },
    ...{ beforeHash: hashState([]), afterHash: hashState([`plan ${name} ${hexOf(content)}`]) },
  });
  const asked = { organisation, identityKey, name, definition, from, leadMs, leaf: hexOf(leaf) };
  interface Written extends Omit<PublishedPlan, 'effectiveFrom'> {
    readonly effectiveFrom: string;
  }
  const published = await runRefusable<{ plan: Written }[]>(db, 'select portcullis.publish_plan($1::jsonb) as plan', [
    JSON.stringify(asked),
  ]);
  if (!published.ok) return published;
  const { plan } = onlyRow(published.value);
  return accept({ ...plan, effectiveFrom: new Date(plan.effectiveFrom) });
};
