import { ConfigError } from '../../config';

interface ReadAnnotations {
  readonly id: string;
  readonly revocationMaxAgeMs: number | undefined;
}

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/u;
const AGE = /^(?<number>[1-9][0-9]{0,5})(?<unit>[smhd])$/u;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const KNOWN = new Set(['id', 'description', 'revocationMaxAge']);

/** Cedar takes any annotation. One that is misspelt would be a check that nobody makes, so an unknown one stops the start. */
export const readAnnotations = (
  annotations: Readonly<Record<string, string | null>>,
  place: string,
): ReadAnnotations => {
  const unknown = Object.keys(annotations).find((name) => !KNOWN.has(name));
  if (unknown !== undefined)
    throw new ConfigError(
      `${place}: there is no annotation @${unknown}; there are ${[...KNOWN].map((name) => `@${name}`).join(', ')}.`,
    );
  const { id, revocationMaxAge: age } = annotations;
  if (id == null || !ID.test(id))
    throw new ConfigError(`${place}: a policy needs an @id of letters, digits, dots, hyphens and underscores.`);
  if (age === undefined) return { id, revocationMaxAgeMs: undefined };
  const { number, unit = '' } = AGE.exec(age ?? '')?.groups ?? {};
  if (number === undefined)
    throw new ConfigError(`${place}: the @revocationMaxAge of "${id}" is not a number of s, m, h or d, such as "10m".`);
  return { id, revocationMaxAgeMs: Number(number) * (UNIT_MS[unit] ?? 0) };
};
