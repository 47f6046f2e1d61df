import {
  type Result,
  type VerifiedBeef,
  listUnproven,
  readBeef,
  scanBeef,
  verifyAncestry,
  verifyScripts,
} from '#atomic-core';

/** Three unproven transactions of two P2PKH inputs each, on one that a BUMP proves. Of no chain: what is tested is the engine. */
const ANSWER_KNOWN = Buffer.from(
  [
    'AQC+7wFkAQIAAGtuTwh3++KmIkHl0NRiU0jLxu+3+CljRO3jM7zOLkauAQKMbzGVTHHf4Nuj9/Zel+0sA0kuG4+SAjO9eX+tBm+XtgQBAAAAAaryIM3fKeJvlgsoRlebHaTxRix9Brdm',
    'cN/Jz3zIy17NAAAAAAFR/////wLoAwAAAAAAABl2qRRd7fv56lmd1OPKaoCzM8Ry/Qs/aYis6AMAAAAAAAAZdqkUXe37+epZndTjymqAszPEcv0LP2mIrAAAAAABAAEAAAACjG8xlUxx',
    '3+Dbo/f2XpftLANJLhuPkgIzvXl/rQZvl7YAAAAAa0gwRQIhAOlwQSAJnJGuxryLj2ZUVBlUVDhUFkRrlQKwWkoybL5yAiBnlJOJvaEM9DCZ8DG7SooI02ja3p5ZuI4Swj9Fb3vxNUEh',
    'Aly98GRuXbTqo5jzZfLqeg49QZt+AzDjnOkr3e3KxPm8/////4xvMZVMcd/g26P39l6X7SwDSS4bj5ICM715f60Gb5e2AQAAAGtIMEUCIQCP/JhHVrthMrVwctC1d7lPcZe0Y6fiRY9r',
    'gf5Lunam1QIgCZG4DHEtT/NP6VWNeT1BtlhJKSE43tZ3sgVm8bKoDGVBIQJcvfBkbl206qOY82Xy6noOPUGbfgMw45zpK93tysT5vP////8ChAMAAAAAAAAZdqkUXe37+epZndTjymqA',
    'szPEcv0LP2mIrCADAAAAAAAAGXapFF3t+/nqWZ3U48pqgLMzxHL9Cz9piKwAAAAAAAEAAAACDykPftFfVrmB2WHYm6mCbp/3CT5VgX2/6+xiA/wWfBkAAAAAa0gwRQIhALgyOfvjZBQt',
    'cH19tKZihkxMJR9CKzXWzIVlKzzdGRc6AiBnPe0W7HVaB4NV5GCD3Clsp3PulGKJxy3KLcYlIkBzrUEhAly98GRuXbTqo5jzZfLqeg49QZt+AzDjnOkr3e3KxPm8/////w8pD37RX1a5',
    'gdlh2Jupgm6f9wk+VYF9v+vsYgP8FnwZAQAAAGtIMEUCIQDLsip905gz1igWHhz0SgMDw/l+nZOY1T3O97CEFzwFgAIgU2tfLKD7E8UyHnS/nXl/cGPf2s67nH8ulrDio4V3WbJBIQJc',
    'vfBkbl206qOY82Xy6noOPUGbfgMw45zpK93tysT5vP////8CIAMAAAAAAAAZdqkUXe37+epZndTjymqAszPEcv0LP2mIrLwCAAAAAAAAGXapFF3t+/nqWZ3U48pqgLMzxHL9Cz9piKwA',
    'AAAAAAEAAAACSyKgfOWdpw1Pr7/J0GOyxBJYJDm1/OlKlP/X6r2N+EgAAAAAakcwRAIgX/9ZQ2wE68JLnjYzeIPlQPv13Vok4Q51Xyqd3e3XGX4CIDDWqw8zWteUNxVFoZ3canAPPdg4',
    'aWrWv+fPdFN7NKoRQSECXL3wZG5dtOqjmPNl8up6Dj1Bm34DMOOc6Svd7crE+bz/////SyKgfOWdpw1Pr7/J0GOyxBJYJDm1/OlKlP/X6r2N+EgBAAAAakcwRAIgLb55JCWxCQG/SCEF',
    'n627G+Zdy4R3pgn7+gW+4q1Fy1QCICNg70oJ3i4sF+0VCaPVAzGGdcxD41gFH83Y4GS/6ZA/QSECXL3wZG5dtOqjmPNl8up6Dj1Bm34DMOOc6Svd7crE+bz/////ArwCAAAAAAAAGXap',
    'FF3t+/nqWZ3U48pqgLMzxHL9Cz9piKxYAgAAAAAAABl2qRRd7fv56lmd1OPKaoCzM8Ry/Qs/aYisAAAAAAA=',
  ].join(''),
  'base64',
);

/** Where the last octet of the last signature stands, counted from the end: behind it come its type, key, sequence, two outputs, lock time and a zero. */
const SIGNATURE_FROM_END = 114;

/** The rounds in which the code that every BEEF meets is compiled: after them one costs what it will cost for good, and all of them a few dozen ms. */
const ROUNDS = 40;

const verify = (octets: Uint8Array): Result<VerifiedBeef> => {
  const scanned = scanBeef(octets);
  if (!scanned.ok) return scanned;
  const read = readBeef(scanned.value);
  if (!read.ok) return read;
  const context = { tipHeight: 2_000_000, medianTimePast: 1_700_000_000, network: 'devnet' } as const;
  const checked = verifyAncestry(read.value, context);
  return checked.ok ? verifyScripts(checked.value) : checked;
};

/**
 * Throws where the engine of this thread takes a false signature or refuses a true one: a binding that loads may still be the wrong one. And warms it up:
 * the first second of a thread runs at half its speed, which is nobody's first request to pay for.
 */
export function testEngine(): void {
  const octets = new Uint8Array(ANSWER_KNOWN);
  for (let round = 0; round < ROUNDS; round += 1) {
    const verified = verify(octets);
    if (!verified.ok) throw new Error(`the engine refuses what it must take: ${verified.rejection.code}`);
    if (listUnproven(verified.value).length !== 3) throw new Error('the engine lost a transaction');
  }
  // In the last signature of the subject: its parents, ids and proof stay what they were.
  const spoiled = octets.slice();
  spoiled[spoiled.length - SIGNATURE_FROM_END] = (spoiled[spoiled.length - SIGNATURE_FROM_END] ?? 0) ^ 1;
  const refused = verify(spoiled);
  if (refused.ok || refused.rejection.code !== 'transaction-script-failed') {
    throw new Error('the engine takes a signature that is false');
  }
}
