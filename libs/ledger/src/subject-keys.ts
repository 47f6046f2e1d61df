import { onlyRow, runStatement } from './database';
import type { Database } from './database';
import type { SubjectKey } from './certificates';

/** A subject's key, and whose it is. */
export interface OwnedSubjectKey extends SubjectKey {
  readonly organisation: string;
  readonly subject: string;
}

export type SubjectKeyPlace = Pick<OwnedSubjectKey, 'organisation' | 'subject'>;

/** Keys of subjects that one key of the gateway wrapped, in the order of their owners, behind `after`. At most `limit`. */
export const listSubjectKeysWrappedBy = async (
  db: Database,
  wrappedBy: string,
  after: SubjectKeyPlace,
  limit: number,
): Promise<readonly OwnedSubjectKey[]> =>
  runStatement<OwnedSubjectKey[]>(
    db,
    `select k.organisation, k.subject, k.id, k.wrapped, k.wrapped_by as "wrappedBy" from portcullis.subject_key k
     where k.wrapped_by = $1 and (k.organisation, k.subject) > ($2, $3) order by k.organisation, k.subject limit $4`,
    [wrappedBy, after.organisation, after.subject, limit],
  );

/** The same key under another of the gateway's. False where it was erased, or wrapped again by somebody else, since it was read. */
export const rewrapSubjectKey = async (
  db: Database,
  { organisation, subject, id, wrapped, wrappedBy }: OwnedSubjectKey,
  next: Pick<SubjectKey, 'wrapped' | 'wrappedBy'>,
): Promise<boolean> => {
  const rows = await runStatement<{ done: boolean }[]>(
    db,
    'select portcullis.rewrap_subject_key($1::jsonb, $2, $3) as done',
    [
      JSON.stringify({ organisation, subject, id, wrappedBy, newWrappedBy: next.wrappedBy }),
      Buffer.from(wrapped),
      Buffer.from(next.wrapped),
    ],
  );
  return onlyRow(rows).done;
};
