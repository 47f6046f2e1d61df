import { parseArgs } from 'node:util';
import { caseNames, type CaseName } from './shapes';

export interface VerifyOptions {
  readonly quick: boolean;
  readonly cases: readonly CaseName[];
  readonly json: string | undefined;
}

export const VERIFY_HELP = `Usage: npm run bench:verify [-- OPTIONS]

Verifies the same BEEFs with this engine, with @bsv/sdk and with the bare native library, in turns, in one process.

  --quick       about a minute: fewer rounds, the same table
  --case NAME   only this case, may be given more than once (${caseNames.join(', ')}); gates that it does not feed are not judged
  --json FILE   write the result there instead of test/bench/results
  --help        this text

Exit code 1: a gate was missed, or the two disagreed about a verdict. A goal that was not reached is printed and is no failure.
`;

const isCase = (name: string): name is CaseName => (caseNames as readonly string[]).includes(name);

/** Undefined: the help was asked for. */
export const readVerifyOptions = (argv: readonly string[]): VerifyOptions | undefined => {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      quick: { type: 'boolean', default: false },
      case: { type: 'string', multiple: true },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const named = values.case ?? [];
  const cases = named.filter(isCase);
  const stranger = named.find((name) => !isCase(name));
  if (stranger !== undefined) throw new Error(`There is no case "${stranger}"; there are ${caseNames.join(', ')}.`);
  return { quick: values.quick, cases: cases.length === 0 ? caseNames : cases, json: values.json };
};
