import type { Outpoint } from '#atomic-core';
import { hexOf, runStatement } from './database';
import type { Database } from './database';

/** A certificate about the gateway itself that can be revoked. */
export interface GatewayCertificate {
  /** SHA-256 of it. */
  readonly hash: Uint8Array;
  readonly subject: string;
  readonly certifier: string;
  readonly outpoint: Outpoint;
}

/** From here on their outpoints are watched, and asked about before any that was asked about already. What is kept stays so. */
export const keepGatewayCertificates = async (
  db: Database,
  certificates: readonly GatewayCertificate[],
): Promise<void> => {
  const given = certificates.map(({ hash, subject, certifier, outpoint }) => ({
    ...{ hash: hexOf(hash), subject, certifier, outpoint: hexOf(outpoint) },
  }));
  await runStatement(
    db,
    `with given as (
       select decode(g.hash, 'hex') as hash, g.subject, g.certifier, decode(g.outpoint, 'hex') as outpoint
       from jsonb_to_recordset($1::jsonb) g (hash text, subject text, certifier text, outpoint text)
     ), watched as (
       insert into portcullis.revocation (outpoint, state, source, looked_at, claimed_at)
       select distinct g.outpoint, 'unknown', 'not asked yet', to_timestamp(0), to_timestamp(0) from given g on conflict do nothing
     )
     insert into portcullis.gateway_certificate (certificate_hash, subject, certifier, outpoint)
     select g.hash, g.subject, g.certifier, g.outpoint from given g on conflict do nothing`,
    [JSON.stringify(given)],
  );
};

/** Of these outpoints those that are known to be spent, to this ledger, by its sources or by the header chain; in hex. */
export const listRevokedOutpoints = async (
  db: Database,
  outpoints: readonly Outpoint[],
): Promise<ReadonlySet<string>> => {
  const rows = await runStatement<{ outpoint: string }[]>(
    db,
    `select encode(asked.outpoint, 'hex') as outpoint from unnest($1::bytea[]) asked (outpoint)
     where exists (select from portcullis.spent_outpoint s where s.outpoint = asked.outpoint)
       or exists (select from portcullis.revocation r where r.outpoint = asked.outpoint and r.state = 'revoked')
       or portcullis.is_spend_proven(asked.outpoint)`,
    [outpoints.map((outpoint) => Buffer.from(outpoint))],
  );
  return new Set(rows.map(({ outpoint }) => outpoint));
};
