import { KeyDeriver, PrivateKey, PublicKey, Signature, Utils } from '@bsv/sdk';
import fc from 'fast-check';
import { verifyOpenSignature, type OpenSignature } from './verify-open-signature';

const signerKeys = new KeyDeriver(PrivateKey.fromHex('6c'.repeat(32)));
const signer = Uint8Array.from(Buffer.from(signerKeys.identityKey, 'hex'));
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;
const anyone = new KeyDeriver('anyone');

/** Strict DER, low S and the arithmetic of the SDK alone. */
function judgeBySdk({ data, signature, signer: key, protocol, keyId }: OpenSignature): boolean {
  try {
    const read = Signature.fromDER([...signature]);
    const canonical = Buffer.from(read.toDER() as number[]).equals(signature);
    if (!canonical || BigInt(`0x${read.s.toHex()}`) > HALF_ORDER || key.length !== 33) return false;
    const point = PublicKey.fromString(Utils.toHex([...key]));
    return anyone.derivePublicKey([protocol[0], protocol[1]], keyId, point).verify([...data], read);
  } catch {
    return false;
  }
}

const sign = (data: Uint8Array, protocol: [2, string], keyId: string): Uint8Array =>
  Uint8Array.from(
    signerKeys
      .derivePrivateKey(protocol, keyId, 'anyone')
      .sign([...data])
      .toDER() as number[],
  );

const flip = (bytes: Uint8Array, at: number, mask: number): Uint8Array =>
  bytes.map((octet, index) => (index === at % bytes.length ? octet ^ mask : octet));

it('judges open signatures as the SDK does, whatever part of one is damaged', () => {
  const part = fc.constantFrom('none', 'data', 'signature', 'signer', 'protocol', 'keyId');
  const mask = fc.integer({ min: 1, max: 255 });
  const seen = new Set<boolean>();
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 50 }), part, fc.nat(71), mask, (data, which, at, bits) => {
      const protocol: [2, string] = [2, 'document checks'];
      const whole: OpenSignature = { data, signature: sign(data, protocol, 'k 1'), signer, protocol, keyId: 'k 1' };
      const damaged: Record<string, Partial<OpenSignature>> = {
        data: { data: flip(data, at, bits) },
        signature: { signature: flip(whole.signature, at, bits) },
        signer: { signer: flip(signer, at, bits) },
        protocol: { protocol: [1, bits % 2 === 0 ? 'document checks' : 'no name!'] },
        keyId: { keyId: bits % 2 === 0 ? '' : 'k 2' },
      };
      const given = { ...whole, ...damaged[which] };
      const verdict = verifyOpenSignature(given);
      seen.add(verdict);
      expect(verdict).toBe(judgeBySdk(given));
    }),
    { numRuns: 100 },
  );
  expect(seen.size).toBe(2);
}, 60_000);
