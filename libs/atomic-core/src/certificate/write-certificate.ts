import { writeVarint } from '../identity/payload';
import type { Certificate } from './certificate';

const NO_TXID = Buffer.alloc(32);

const writeText = (text: string): Buffer[] => [writeVarint(Buffer.byteLength(text)), Buffer.from(text, 'utf8')];

/** The octets that the certifier signs: `toBinary(false)` of the SDK. The txid stands as it is displayed; the fields are signed as base64 text. */
export const writeSignedBytes = (certificate: Certificate): Buffer => {
  const { type, serialNumber, subject, certifier, revocationOutpoint, fields } = certificate;
  return Buffer.concat([
    Buffer.from(type, 'base64'),
    Buffer.from(serialNumber, 'base64'),
    Buffer.from(subject, 'hex'),
    Buffer.from(certifier, 'hex'),
    revocationOutpoint === undefined ? NO_TXID : Buffer.from(revocationOutpoint.txid, 'hex'),
    writeVarint(revocationOutpoint?.vout ?? 0),
    writeVarint(fields.size),
    ...[...fields].flatMap(([name, value]) => [...writeText(name), ...writeText(value)]),
  ]);
};

/** The whole certificate: `toBinary()` of the SDK. */
export const writeCertificate = (certificate: Certificate): Buffer =>
  Buffer.concat([writeSignedBytes(certificate), certificate.signature]);
