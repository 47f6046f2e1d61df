import type { BundledRule, CertificateRule } from '#atomic-core';
import { onlyRow, runStatement } from './database';
import type { Database } from './database';
import { tenantOf } from './tenant';

/** Undefined: the organisation's own. */
interface TrustSource {
  readonly gateway: string;
  readonly organisation: string;
}

export interface TrustRule extends CertificateRule {
  readonly id: string;
  readonly source: TrustSource | undefined;
  /** The organisation's own, and told to others in its bundles. */
  readonly isExported: boolean;
  readonly validFrom: Date;
  /** Undefined: until somebody ends it. */
  readonly validUntil: Date | undefined;
  /** The change that began it. */
  readonly changeId: string;
}

export interface TrustPin extends TrustSource {
  readonly id: string;
  readonly validFrom: Date;
  readonly validUntil: Date | undefined;
  readonly changeId: string;
}

interface RuleRow {
  readonly id: string;
  readonly certifier: string;
  readonly type: string;
  readonly fields: string[];
  readonly revocable: boolean;
  readonly endorsement: string | null;
  readonly gateway: string | null;
  readonly speaks_for: string | null;
  readonly valid_from: Date;
  readonly ends: Date | null;
  readonly change_id: string;
}

const ENDS = `nullif(r.valid_until, 'infinity') as ends`;
/** By the clock of the database, the same for every replica. */
const IN_FORCE = `r.organisation = $1 and r.valid_from <= coalesce($2::timestamptz, clock_timestamp())
  and r.valid_until > coalesce($2::timestamptz, clock_timestamp())`;

/** What the organisation trusts now, or at a moment: what was in force at one that is over never changes. */
export const listTrustRules = async (db: Database, organisation: string, at?: Date): Promise<readonly TrustRule[]> => {
  const sql = `select r.*, ${ENDS} from portcullis.trust_in_force($1, $2) r order by r.type, r.certifier`;
  const rows = await runStatement<RuleRow[]>(db, sql, [organisation, at ?? null]);
  return rows.map(({ id, certifier, type, fields, revocable, ...row }) => ({
    ...{ id, certifier, type, fields, revocable, isExported: row.endorsement !== null && row.gateway === null },
    source:
      row.gateway === null || row.speaks_for === null
        ? undefined
        : { gateway: row.gateway, organisation: row.speaks_for },
    ...{ validFrom: row.valid_from, validUntil: row.ends ?? undefined, changeId: row.change_id },
  }));
};

export const listTrustPins = async (db: Database, organisation: string, at?: Date): Promise<readonly TrustPin[]> => {
  const sql = `select r.*, ${ENDS} from portcullis.trust_pin r where ${IN_FORCE} order by r.speaks_for, r.gateway`;
  const rows = await runStatement<(RuleRow & { gateway: string; speaks_for: string })[]>(
    tenantOf(db, organisation),
    sql,
    [organisation, at ?? null],
  );
  return rows.map((row) => ({
    ...{ id: row.id, gateway: row.gateway, organisation: row.speaks_for, validFrom: row.valid_from },
    ...{ validUntil: row.ends ?? undefined, changeId: row.change_id },
  }));
};

/** What goes into a bundle, as of one look. */
export interface TrustExport {
  readonly issuedAt: Date;
  /** Microseconds since the epoch: it grows with the clock of the database, and so also after the database was restored from a backup. */
  readonly sequence: number;
  readonly rules: readonly BundledRule[];
}

type ExportedRule = Omit<BundledRule, 'until'> & { readonly until: string | null };

const printMoment = (text: string): string => new Date(text).toISOString();

/** The organisation's own rules that their certifiers endorsed, in force or to come, with the number of this look. At most `limit`. */
export const exportTrust = async (db: Database, organisation: string, limit: number): Promise<TrustExport> => {
  const rows = await runStatement<{ looked: { now: string; sequence: number; rules: ExportedRule[] } }[]>(
    tenantOf(db, organisation),
    'select portcullis.export_trust($1, $2) as looked',
    [organisation, limit],
  );
  const { now, sequence, rules } = onlyRow(rows).looked;
  return {
    ...{ issuedAt: new Date(now), sequence },
    rules: rules.map(({ from, until, ...rule }) => ({
      ...{ ...rule, from: printMoment(from), until: until === null ? undefined : printMoment(until) },
    })),
  };
};
