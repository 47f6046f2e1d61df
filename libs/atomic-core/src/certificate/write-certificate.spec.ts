import { Certificate as SdkCertificate, PrivateKey } from '@bsv/sdk';
import fc from 'fast-check';
import { readCertificate } from './read-certificate';
import { writeCertificate, writeSignedBytes } from './write-certificate';

const base64 = (bytes: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((octets) => Buffer.from(octets).toString('base64'));
const key = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((octets) => new PrivateKey([1, ...octets.subarray(1)]).toPublicKey().toString());
const hex = (bytes: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((octets) => Buffer.from(octets).toString('hex'));
const name = fc.stringMatching(/^[a-z0-9]{1,49}$/);
const value = fc.uint8Array({ minLength: 48, maxLength: 300 }).map((octets) => Buffer.from(octets).toString('base64'));

const certificates = fc.record({
  type: base64(32),
  serialNumber: base64(32),
  subject: key,
  certifier: key,
  revocationOutpoint: fc.oneof(
    fc.tuple(hex(32), fc.nat(0xffffffff)).map(([txid, vout]) => `${txid}.${vout}`),
    fc.constant(`${'0'.repeat(64)}.0`),
  ),
  fields: fc.dictionary(name, value, { maxKeys: 20, noNullPrototype: true }),
  signature: hex(70),
});

it('writes what the certifier signs, and the whole certificate, octet for octet as the SDK does', () => {
  fc.assert(
    fc.property(certificates, (given) => {
      const read = readCertificate(given);
      if (!read.ok) throw new Error(read.rejection.detail);
      const sdk = SdkCertificate.fromObject(given);
      expect([...writeSignedBytes(read.value.certificate)]).toEqual(sdk.toBinary(false));
      expect([...writeCertificate(read.value.certificate)]).toEqual(sdk.toBinary());
    }),
    { numRuns: 100 },
  );
}, 60_000);

it('takes a certificate that the SDK reads back from its own bytes for the same', () => {
  fc.assert(
    fc.property(certificates, (given) => {
      const { signature: _unsigned, ...rest } = given;
      const again = SdkCertificate.fromBinary(SdkCertificate.fromObject(rest).toBinary());
      expect(JSON.parse(JSON.stringify(again))).toEqual(rest);
    }),
    { numRuns: 30 },
  );
}, 60_000);
