import { PrivateKey, ProtoWallet, type WalletProtocol } from '@bsv/sdk';
import fc from 'fast-check';
import { NativeWallet } from './native-wallet';

jest.setTimeout(120_000);

const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const isKey = (bytes: Uint8Array): boolean => {
  const number = BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  return number > 0n && number < 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
};
const root = octets(32).filter(isKey);
const data = fc.uint8Array({ maxLength: 200 }).map((bytes) => [...bytes]);
const protocol = fc.constantFrom<WalletProtocol>(
  [0, 'hello world'],
  [1, 'auth message signature'],
  [2, 'certificate field encryption'],
);
const keyID = fc.oneof(
  fc.string({ minLength: 1, maxLength: 40 }),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 9 }),
);
const counterparty = fc.oneof(
  fc.constantFrom('self', 'anyone', undefined),
  root.map((bytes) => new PrivateKey([...bytes]).toPublicKey().toString()),
);
const question = fc.record({ root, data, protocolID: protocol, keyID, counterparty, forSelf: fc.boolean() });
type Question = typeof question extends fc.Arbitrary<infer T> ? T : never;

const openBoth = ({ root: secret }: Question) => ({
  native: new NativeWallet(secret),
  stock: new ProtoWallet(new PrivateKey([...secret])),
});
const outcomeOf = (asked: Promise<unknown>): Promise<unknown> =>
  asked.catch((error: unknown) => ({ code: (error as { code?: string }).code }));
const nameOf = ({ protocolID, keyID: name, counterparty: peer }: Question) => ({
  ...{ protocolID, keyID: name },
  ...(peer !== undefined && { counterparty: peer }),
});
const check = (numRuns: number, property: (asked: Question) => Promise<void>): Promise<void> =>
  fc.assert(fc.asyncProperty(question, property), { numRuns });

describe('a root key behind the wallet interface of the SDK agrees with ProtoWallet', () => {
  it('on public keys', () =>
    check(60, async (asked) => {
      const { native, stock } = openBoth(asked);
      const args = { ...nameOf(asked), forSelf: asked.forSelf };
      expect(await native.getPublicKey(args)).toEqual(await stock.getPublicKey(args));
      expect(await native.getPublicKey({ identityKey: true })).toEqual(await stock.getPublicKey({ identityKey: true }));
    }));

  it('on signatures, octet for octet, and on which of them hold', () =>
    check(40, async (asked) => {
      const { native, stock } = openBoth(asked);
      const args = { ...nameOf(asked), data: asked.data };
      const { signature } = await stock.createSignature(args);
      expect(await native.createSignature(args)).toEqual({ signature });
      const damaged = signature.map((octet, index) => (index === 10 ? octet ^ 1 : octet));
      for (const given of [signature, damaged]) {
        const verify = { counterparty: 'anyone', ...args, signature: given, forSelf: true };
        expect(await outcomeOf(native.verifySignature(verify))).toEqual(await outcomeOf(stock.verifySignature(verify)));
      }
      // What is no DER the SDK refuses as well, but with a fault of its reader.
      for (const given of [[], signature.slice(0, 20)]) {
        const verify = { counterparty: 'anyone', ...args, signature: given, forSelf: true };
        await expect(native.verifySignature(verify)).rejects.toMatchObject({ code: 'ERR_INVALID_SIGNATURE' });
        await expect(stock.verifySignature(verify)).rejects.toThrow();
      }
      const hash = Array.from({ length: 32 }, (_, index) => (asked.data[index] ?? 7) ^ index);
      const direct = { ...nameOf(asked), hashToDirectlySign: hash };
      expect(await native.createSignature(direct)).toEqual(await stock.createSignature(direct));
    }));

  it('on MACs, octet for octet, and on which of them hold', () =>
    check(60, async (asked) => {
      const { native, stock } = openBoth(asked);
      const args = { ...nameOf(asked), data: asked.data };
      const { hmac } = await stock.createHmac(args);
      expect(await native.createHmac(args)).toEqual({ hmac });
      for (const given of [hmac, hmac.map((octet) => octet ^ 1), hmac.slice(1), []]) {
        const verify = { ...args, hmac: given };
        expect(await outcomeOf(native.verifyHmac(verify))).toEqual(await outcomeOf(stock.verifyHmac(verify)));
      }
    }));

  it('on what the other encrypted', () =>
    check(40, async (asked) => {
      const { native, stock } = openBoth(asked);
      const args = nameOf(asked);
      // The SDK opens nothing that is empty, though it seals it.
      const plaintext = [...asked.data, 7];
      const [ours, theirs] = [
        await native.encrypt({ ...args, plaintext }),
        await stock.encrypt({ ...args, plaintext }),
      ];
      expect(await stock.decrypt({ ...args, ...ours })).toEqual({ plaintext });
      expect(await native.decrypt({ ...args, ...theirs })).toEqual({ plaintext });
      const damaged = { ciphertext: ours.ciphertext.map((octet, index) => (index === 40 ? octet ^ 1 : octet)) };
      await expect(native.decrypt({ ...args, ...damaged })).rejects.toThrow('Decryption failed!');
    }));

  it('on keys that begin with zeros, which the SDK hashes without them', async () => {
    const secret = Uint8Array.from(Buffer.alloc(32, 0x5a));
    const [native, stock] = [new NativeWallet(secret), new ProtoWallet(new PrivateKey([...secret]))];
    // The first of the numbers from 0 with such a key.
    const args = { protocolID: [2, 'hello world'] as WalletProtocol, keyID: '1086', counterparty: 'self' };
    expect(stock.keyDeriver?.deriveSymmetricKey(args.protocolID, args.keyID, 'self').toArray()).toHaveLength(31);
    expect(await native.createHmac({ ...args, data: [1] })).toEqual(await stock.createHmac({ ...args, data: [1] }));
    const { ciphertext } = await native.encrypt({ ...args, plaintext: [1] });
    expect(await stock.decrypt({ ...args, ciphertext })).toEqual({ plaintext: [1] });
  });

  it('and refuses what is no name, no counterparty and nothing to sign', async () => {
    const native = new NativeWallet(Buffer.alloc(32, 0x5a));
    const name = { protocolID: [2, 'hello world'] as WalletProtocol, keyID: '1' };
    for (const peer of ['', 'nobody', `02${'ff'.repeat(32)}`, '02'])
      await expect(native.createHmac({ ...name, counterparty: peer, data: [] })).rejects.toThrow(/counterparty/u);
    await expect(native.createHmac({ ...name, protocolID: [2, 'x'], data: [] })).rejects.toThrow(/no name/u);
    await expect(native.createSignature(name)).rejects.toThrow(/nothing to sign/u);
    await expect(native.getPublicKey({})).rejects.toThrow(/named by/u);
  });
});
