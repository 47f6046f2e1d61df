import { printRevocationOutpoint } from '#atomic-core';
import { readConfig } from '../config';
import { readOwnCertificates } from '../identity';
import { openConfiguredKeys } from './open-configured-keys';
import { print } from './print';

/** Judges a file as the start does, with the keys of the configuration, and says what would be shown to whom. Whether one is revoked is for the gateway to find out. */
export async function runCertificatesCheck(file: string, { json }: { json: boolean }): Promise<void> {
  const { showable, ended } = readOwnCertificates(file, await openConfiguredKeys(readConfig()));
  const certificates = showable.map(({ own: { certificate }, reveal }) => {
    const { type, serialNumber, subject, certifier } = certificate;
    const revocationOutpoint = printRevocationOutpoint(certificate);
    return { type, serialNumber, subject, certifier, revocationOutpoint, reveal };
  });
  const lines = certificates.flatMap(({ type, certifier, subject, reveal }) => [
    `${type} by ${certifier} about ${subject}`,
    ...reveal.map(({ to, fields }) => `  ${fields.join(', ')}: to ${to.join(', ')}`),
  ]);
  const left = ended.map((subject) => `not shown: about ${subject}, which has ended`);
  print({ json, value: { certificates, ended }, lines: [...lines, ...left] });
}
