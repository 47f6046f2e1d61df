import { BigNumber, ECDSA, PrivateKey, type PublicKey } from '@bsv/sdk';
import { CRYPTO_KINDS, listCryptoFaults, openCrypto } from '#atomic-core';
import { describeVectors } from './shared-vectors';

interface Vector {
  readonly id: string;
  readonly description: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly expected: { readonly verify?: boolean };
}

const faulty = listCryptoFaults().map(({ kind }) => kind);
const backends = CRYPTO_KINDS.filter((kind) => !faulty.includes(kind)).map((kind) => openCrypto(kind));
const bn = (hex: string): BigNumber => new BigNumber(hex.replace('0x', ''), 16);
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const octets = (value: BigNumber): number[] => value.toArray('be', 32);

/** The numbers that the vector names, or a signature made as it says. */
function readSignature({ input }: Vector): { r: BigNumber; s: BigNumber } {
  const [r, s] = [text(input['signature_r']), text(input['signature_s'])];
  if (r !== undefined && s !== undefined) return { r: bn(r), s: bn(s) };
  const message = text(input['message_hex']) ?? text(input['signed_message_hex']) ?? '';
  const k = input['k_function'] === undefined ? (text(input['k']) ?? 'drbg') : '054e';
  const secret = new PrivateKey(text(input['privkey_hex']) ?? '', 16);
  return ECDSA.sign(bn(message), secret, false, k === 'drbg' ? undefined : bn(k));
}

const readKey = ({ input }: Vector): PublicKey =>
  new PrivateKey(text(input['wrong_pubkey_scalar']) ?? text(input['privkey_hex']) ?? '', 16).toPublicKey();

/** As numbers; undefined where the vector is about a message that is no digest of 32 octets, which a batch cannot even hold. */
const readDigest = ({ input }: Vector): BigNumber | undefined => {
  const message = text(input['verify_message_hex']) ?? text(input['message_hex']);
  return message === undefined || bn(message).byteLength() > 32 ? undefined : bn(message);
};

describeVectors<{ vectors: Vector[] }>('vectors of ECDSA', 'conformance/sdk/crypto/ecdsa.json', ({ vectors }) => {
  const judged = vectors.filter((vector) => vector.expected.verify !== undefined && readDigest(vector) !== undefined);

  it('has some to judge', () => {
    expect(judged.length).toBeGreaterThanOrEqual(14);
  });

  it.each(judged.map((vector): [string, Vector] => [`${vector.id} ${vector.description}`, vector]))(
    '%s',
    (_title, vector) => {
      const { r, s } = readSignature(vector);
      const batch = {
        count: 1,
        digests: Uint8Array.from(octets(readDigest(vector) ?? bn('00'))),
        signatures: Uint8Array.from([...octets(r), ...octets(s)]),
        keyBytes: Uint8Array.from(readKey(vector).encode(true) as number[]),
        keySpans: new Uint32Array([0, 33]),
      };
      for (const backend of backends) {
        const verdicts = new Uint8Array(1);
        backend.verifyBatch({ ...batch, verdicts });
        expect([backend.kind, verdicts[0]]).toEqual([backend.kind, Number(vector.expected.verify)]);
      }
    },
  );
});
