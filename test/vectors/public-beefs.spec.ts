import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '#atomic-core';
import { judgeBeef, verdictOf } from '#testkit';
import { rules, type DifferenceRule } from './public-beefs-rules';
import { describeVectors } from './shared-vectors';

interface PublicBeef {
  readonly hex: string;
  readonly source: string;
  readonly structureValid?: boolean;
  readonly scriptsVerify?: boolean | string;
  readonly roots?: Readonly<Record<string, string>>;
}

const TABLE = join(__dirname, 'public-beefs-differences.md');

const fingerprint = ({ hex }: PublicBeef): string => sha256(Buffer.from(hex, 'hex')).toString('hex').slice(0, 16);

/** The recorded roots stand for the chain: what is compared is the judgement of bytes, not the knowledge of headers. */
const judge = (beef: PublicBeef) =>
  judgeBeef(Buffer.from(beef.hex, 'hex'), (height, root) => beef.roots?.[height] === root);

const sdkAccepts = ({ structureValid, scriptsVerify }: PublicBeef): boolean =>
  structureValid === true && scriptsVerify === true;

const printTable = (rows: readonly string[]): string =>
  [
    '# Public BEEFs that this gateway judges otherwise than `@bsv/sdk` 2.1.0',
    '',
    'Written and checked by `public-beefs.spec.ts`. The BEEF is named by the first 16 digits of the SHA-256 of its bytes.',
    '',
    '| BEEF | from | SDK | here | rule |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');

describeVectors<{ readonly beefs: readonly PublicBeef[] }>('public BEEFs', 'beef/public-beefs.json', ({ beefs }) => {
  const differences = beefs.filter((beef) => sdkAccepts(beef) !== judge(beef).ok);

  it.each(beefs.map((beef) => [fingerprint(beef), beef] as const))(
    '%s is judged as the SDK judges it, or a rule says why not',
    (name, beef) => {
      const verdict = judge(beef);
      if (verdict.ok === sdkAccepts(beef)) return;
      // Stricter only: nothing that the SDK refuses may pass here.
      expect(verdict.ok).toBe(false);
      const rule: DifferenceRule | undefined = rules[name];
      expect(rule?.code).toBe(verdictOf(verdict));
    },
  );

  it('accepts enough of them for the comparison to mean something', () => {
    expect(beefs.filter((beef) => judge(beef).ok).length).toBeGreaterThanOrEqual(15);
  });

  it('explains no difference that is not there', () => {
    expect(
      Object.keys(rules)
        .filter((name) => beefs.some((beef) => fingerprint(beef) === name))
        .sort(),
    ).toEqual(differences.map(fingerprint).sort());
  });

  it('has the table of differences as it is committed', () => {
    const table = printTable(
      differences.map(
        (beef) =>
          `| ${fingerprint(beef)} | ${beef.source} | valid | \`${verdictOf(judge(beef))}\` | ${rules[fingerprint(beef)]?.reason ?? ''} |`,
      ),
    );
    if (process.env['WRITE_DIFFERENCES'] === 'true') writeFileSync(TABLE, table);
    expect(readFileSync(TABLE, 'utf8')).toBe(table);
  });
});
