import { parseArgs } from 'node:util';

export interface AuthOptions {
  /** Requests of one turn. */
  readonly count: number;
  readonly rounds: number;
  readonly json: string | undefined;
}

export const AUTH_HELP = `Usage: npm run bench:auth [-- OPTIONS]

Sends the same signed requests to this gateway and to the stock authentication middleware with ProtoWallet on Express, in turns, and counts the CPU of
either server; and what the gateway spends on requests that prove nothing.

  --quick       a minute: fewer requests
  --json FILE   write the result there instead of test/bench/results
  --help        this text

TEST_DATABASE_URL: the PostgreSQL to use (a login that may create databases) in place of the embedded one.
Exit code 1: a gate was missed. A goal that was not reached is printed and is no failure.
`;

/** Undefined: the help was asked for. */
export const readAuthOptions = (argv: readonly string[]): AuthOptions | undefined => {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  return values.quick ? { count: 300, rounds: 2, json: values.json } : { count: 1_000, rounds: 5, json: values.json };
};
