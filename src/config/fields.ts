import { isIdentityKey, isOrganisationName } from '#atomic-core';
import { z } from 'zod';
import { Secret } from './secret';

/** What the generated table and the redaction need to know about a field beside its type. */
export interface FieldNotes {
  readonly description: string;
  /** Written in the table instead of the parsed default, where the default depends on the machine or another field. */
  readonly fallback?: string;
}

export const text = () => z.string().trim().min(1);
export const secret = () => text().transform((value) => new Secret(value));
export const httpUrl = () =>
  z
    .url({ protocol: /^https?$/u, error: 'must be an http or https URL' })
    .transform((value) => value.replace(/\/+$/u, ''));
export const wholeNumber = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
export const hexKey = (digits: number) =>
  z
    .string()
    .trim()
    .regex(new RegExp(`^[0-9a-fA-F]{${String(digits)}}$`, 'u'), `must be ${String(digits)} hex digits`)
    .transform((value) => value.toLowerCase());
export const organisationName = () => z.string().refine(isOrganisationName, 'must be the name of an organisation');
/** Identity keys, names of organisations, or `*`: whoever asks. */
export const listOfParties = () =>
  z
    .array(
      z
        .string()
        .refine(
          (text) => text === '*' || isOrganisationName(text) || isIdentityKey(text),
          'must be an identity key, an organisation, or *',
        ),
    )
    .min(1)
    .max(10_000);
export const port = () => wholeNumber(0, 65_535);
export const milliseconds = (min: number, max: number) => wholeNumber(min, max);

/** Structured settings are JSON in an environment variable and plain JSON in the file. */
export function structured<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value, context) => {
    if (typeof value !== 'string') return value;
    try {
      return JSON.parse(value) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'must be JSON' });
      return z.NEVER;
    }
  }, schema);
}

export const described = <Schema extends z.ZodType>(schema: Schema, description: string, fallback?: string): Schema =>
  schema.meta(fallback === undefined ? { description } : { description, fallback });
