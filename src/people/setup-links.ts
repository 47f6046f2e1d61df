import type { DataSource } from 'typeorm';
import { closeSetupLink, openSetupLink } from '#ledger';
import type { Config } from '../config';
import { isFirstRun } from './is-first-run';
import { SETUP_ISSUER } from './person-sessions.service';
import { hashToken, makeToken } from './token';

export const SETUP_TTL_MS = 1_800_000;

export type GivenSetupLink =
  /** Known here and now, and nowhere else. */
  | { readonly kind: 'given'; readonly url: string }
  /** One was given before, or whoever used it is still there. */
  | { readonly kind: 'in-force' }
  /** Somebody is named in the configuration. */
  | { readonly kind: 'not-needed' }
  /** In production over plain HTTP: whoever is on the way would be the owner. */
  | { readonly kind: 'unsafe' };

/** Over https, or on a machine where somebody tries it out. */
export const isSafeForSetup = ({ profile }: Pick<Config, 'profile'>, base: string): boolean =>
  profile !== 'production' || base.startsWith('https:');

/** A link by which the first person becomes owner: there is no password that anybody could have left as it came. `base`: where people reach the gateway. */
export const giveSetupLink = async (database: DataSource, config: Config, base: string): Promise<GivenSetupLink> => {
  if (!isFirstRun(config)) {
    // Should the configuration lose its names again, what was given before must be worth nothing.
    await closeSetupLink(database, SETUP_ISSUER);
    return { kind: 'not-needed' };
  }
  if (!isSafeForSetup(config, base)) return { kind: 'unsafe' };
  const token = makeToken();
  const link = { tokenHash: hashToken(token), ttlMs: SETUP_TTL_MS, setupIssuer: SETUP_ISSUER };
  if (!(await openSetupLink(database, link))) return { kind: 'in-force' };
  return { kind: 'given', url: `${base}/people/setup?token=${token}` };
};
