import { parseArgs } from 'node:util';

export interface LedgerOptions {
  /** Issues of one round, and as many transfers. */
  readonly count: number;
  readonly rounds: number;
  readonly grown: number;
  readonly json: string | undefined;
}

export const LEDGER_HELP = `Usage: npm run bench:ledger [-- OPTIONS]

Commits the same transactions through this gateway and through @bsv/overlay with its Knex storage, on one PostgreSQL: the ledger alone and the whole HTTP
path, one client and sixteen, singly and in groups; then the ledger alone with 10^4 and with 10^6 admitted outputs in its tables. The whole path is run
with BEEFs of one unproven transaction and of ten, and judged by the latter.

  --quick       about six minutes: fewer submissions, 10^5 in place of 10^6 outputs; the gate of growth is not judged
  --json FILE   write the result there instead of test/bench/results
  --help        this text

TEST_DATABASE_URL: the PostgreSQL to use (a login that may create databases) in place of the embedded one.
Exit code 1: a gate was missed. A goal that was not reached is printed and is no failure.
`;

/** Undefined: the help was asked for. */
export const readLedgerOptions = (argv: readonly string[]): LedgerOptions | undefined => {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  return values.quick
    ? { count: 150, rounds: 1, grown: 100_000, json: values.json }
    : { count: 200, rounds: 2, grown: 1_000_000, json: values.json };
};
