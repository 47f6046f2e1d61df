import type { DataSource } from 'typeorm';
import { closeSetupLink } from '#ledger';
import type { Config } from '../config';
import type { GivenSetupLink } from '../people';
import { CommandError, exitCodes } from './exit-codes';
import { print } from './print';
import { withDatabase } from './with-database';

export interface SetupLinkOptions {
  readonly json: boolean;
  readonly replace: boolean;
}

/** Why there is no link, for people. */
export const sentenceOf = ({ kind }: Exclude<GivenSetupLink, { kind: 'given' }>): string => {
  const sentences = {
    'in-force': 'A setup link was given before and is in force; `portcullis setup-link --replace` gives another.',
    'not-needed': 'The configuration names who operates this gateway; there is nothing to set up.',
    unsafe:
      'Nobody is named who may operate this gateway, and over plain HTTP no setup link is given in production; set PORTCULLIS_PUBLIC_URL to an https address, or PORTCULLIS_ORGANISATIONS.',
  } as const;
  return sentences[kind];
};

/** Prints a link by which the first person becomes owner. It is nowhere else: who loses it asks for another. */
export async function runSetupLink(options: SetupLinkOptions): Promise<void> {
  const given = await withDatabase((database, config) => giveLink(database, config, options));
  if (given.kind !== 'given') throw new CommandError(exitCodes.refused, sentenceOf(given));
  print({ json: options.json, value: { setup: given.url }, lines: [given.url] });
}

async function giveLink(database: DataSource, config: Config, { replace }: SetupLinkOptions): Promise<GivenSetupLink> {
  const { findPublicAddress, giveSetupLink, SETUP_ISSUER } = await import('../people/index.js');
  if (replace) await closeSetupLink(database, SETUP_ISSUER);
  return giveSetupLink(database, config, findPublicAddress(config, { address: config.host, port: config.port }));
}
