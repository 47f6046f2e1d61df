import { fsck } from '#ledger';
import { CommandError, exitCodes } from './exit-codes';
import { print } from './print';
import { withDatabase } from './with-database';

/** Checks every invariant of the ledger, each one SQL statement; reads only, and may run beside a gateway. */
export async function runFsck(options: { json: boolean }): Promise<void> {
  const findings = await withDatabase((database) => fsck(database));
  const lines = findings.flatMap(({ invariant, sentence, ok, violations }) => [
    `${ok ? 'holds ' : 'BROKEN'} ${invariant} ${sentence}`,
    ...violations.map((violation) => `         ${violation}`),
  ]);
  print({ json: options.json, value: findings, lines });
  const broken = findings.filter(({ ok }) => !ok);
  if (broken.length > 0) {
    throw new CommandError(
      exitCodes.refused,
      `${String(broken.length)} of ${String(findings.length)} invariants are broken.`,
    );
  }
}
