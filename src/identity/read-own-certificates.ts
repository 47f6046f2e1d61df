import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { limits, openOwnCertificate, readOwnCertificate, type OwnCertificate, type Result } from '#atomic-core';
import { ConfigError, listOfParties } from '../config';
import type { KeyRing } from '../keys';

/** bytes: sixteen certificates of a page each. They go to whoever is allowed to see them with every handshake that asks. */
const FILE_BYTES_MAX = 262_144;
/** fields of all certificates together: each costs two multiplications whenever it is shown. */
const FIELDS_MAX = 64;

const rule = z.strictObject({
  /** Identity keys, names of organisations, or `*`: whoever asks. */
  to: listOfParties(),
  fields: z.array(z.string()).min(1).max(limits.CERTIFICATE_FIELDS_MAX),
});
const entry = z.strictObject({ certificate: z.unknown(), reveal: z.array(rule).min(1).max(64) });
const file = z.array(entry).min(1).max(limits.CERTIFICATES_MAX);

export interface RevealRule {
  readonly to: readonly string[];
  readonly fields: readonly string[];
}

/** What is shown of one certificate, and to whom. */
export interface ShowableCertificate {
  readonly own: OwnCertificate;
  readonly reveal: readonly RevealRule[];
}

export interface OwnCertificatesFile {
  readonly showable: readonly ShowableCertificate[];
  /** Subjects of those that are of a key of ours that has ended: nothing is shown under it any more. */
  readonly ended: readonly string[];
}

const SETTING = 'PORTCULLIS_GATEWAY_CERTIFICATES';

const readJson = (path: string): unknown => {
  let text: string;
  try {
    if (statSync(path).size > FILE_BYTES_MAX) throw new Error(`it has more than ${String(FILE_BYTES_MAX)} bytes`);
    text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    throw new ConfigError(`${SETTING}: ${path} cannot be read: ${(error as Error).message}.`);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The parser would quote what is around the place, which may be a key.
    throw new ConfigError(`${SETTING}: ${path} is not JSON.`);
  }
};

const readEntries = (path: string): z.output<typeof file> => {
  const parsed = file.safeParse(readJson(path));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ConfigError(
    `${SETTING}: ${path} (at ${issue?.path.join('.') ?? ''}) is not valid: ${issue?.message ?? ''}.`,
  );
};

/** All that a verifier would find wrong is found at the start. One of a key that has ended is left out, not refused: the end of an overlap must not be the end of restarts. */
export const readOwnCertificates = (path: string, ring: Pick<KeyRing, 'find' | 'isOwn'>): OwnCertificatesFile => {
  const showable: ShowableCertificate[] = [];
  const ended: string[] = [];
  readEntries(path).forEach(({ certificate: given, reveal }, place) => {
    const take = <T>(result: Result<T>): T => {
      if (result.ok) return result.value;
      throw wrong(result.rejection.detail);
    };
    const wrong = (detail: string): ConfigError =>
      new ConfigError(`${SETTING}: certificate ${String(place + 1)} of ${path} cannot be shown: ${detail}`);
    const read = take(readOwnCertificate(given));
    const { subject, fields } = read.certificate;
    const unknown = reveal.flatMap(({ fields: names }) => names).find((name) => !fields.has(name));
    if (unknown !== undefined) throw wrong(`it has no field ${unknown}.`);
    const keys = ring.find(subject);
    if (keys === undefined && !ring.isOwn(subject))
      throw wrong(`it is about ${subject}, which is no key of this gateway.`);
    if (keys === undefined) ended.push(subject);
    else showable.push({ own: take(openOwnCertificate(keys, read)), reveal });
  });
  refuseTooMuch(path, showable);
  return { showable, ended };
};

const refuseTooMuch = (path: string, showable: readonly ShowableCertificate[]): void => {
  const names = showable.map(
    ({
      own: {
        certificate: { certifier, type, serialNumber },
      },
    }) => `${certifier} ${type} ${serialNumber}`,
  );
  if (new Set(names).size !== names.length) throw new ConfigError(`${SETTING}: ${path} has a certificate twice.`);
  const count = showable.reduce((sum, { own }) => sum + own.fieldKeys.size, 0);
  if (count > FIELDS_MAX)
    throw new ConfigError(`${SETTING}: ${path} has more than ${String(FIELDS_MAX)} fields in all its certificates.`);
};
