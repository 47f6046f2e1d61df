import { randomBytes, timingSafeEqual } from 'node:crypto';
import type {
  CreateHmacArgs,
  CreateHmacResult,
  CreateSignatureArgs,
  CreateSignatureResult,
  GetPublicKeyArgs,
  VerifyHmacArgs,
  VerifyHmacResult,
  VerifySignatureArgs,
  VerifySignatureResult,
  WalletDecryptArgs,
  WalletDecryptResult,
  WalletEncryptArgs,
  WalletEncryptResult,
  WalletInterface,
  WalletProtocol,
} from '@bsv/sdk';
import { type WalletKeyName, type WalletKeys, openWalletKeys, sha256 } from '#atomic-core';

const VECTOR_BYTES = 32;

interface KeyArgs {
  readonly protocolID: WalletProtocol;
  readonly keyID: string;
  readonly counterparty?: string;
}

/** As the SDK's own wallet fails, so that what is built on it finds the code that it looks for. */
const invalid = (what: string, code: string): Error => Object.assign(new Error(`${what} is not valid`), { code });

const octetsOf = (given: readonly number[]): Uint8Array => Uint8Array.from(given);

const digestOf = (data: readonly number[] | undefined, digest: readonly number[] | undefined): Uint8Array => {
  if (digest !== undefined) return octetsOf(digest);
  if (data === undefined) throw new Error('There is nothing to sign or to verify.');
  return sha256(octetsOf(data));
};

/** Of BRC-100 what a root key alone can answer. */
type KeyCalls = Pick<
  WalletInterface,
  'getPublicKey' | 'createSignature' | 'verifySignature' | 'createHmac' | 'verifyHmac' | 'encrypt' | 'decrypt'
>;

/** A root key of the gateway as a wallet of BRC-100, for everything of the SDK that wants one: on the native library, and nothing that it does not compute. */
export class NativeWallet implements KeyCalls {
  readonly #keys: WalletKeys;

  /** The root is copied: the caller may wipe its own. */
  constructor(root: Uint8Array) {
    this.#keys = openWalletKeys(root);
  }

  async getPublicKey(args: GetPublicKeyArgs): Promise<{ publicKey: string }> {
    const { identityKey, protocolID, keyID, forSelf = false } = args;
    if (identityKey === true) return { publicKey: Buffer.from(this.#keys.identityKey).toString('hex') };
    if (protocolID === undefined || keyID === undefined) throw new Error('A key is named by protocolID and keyID.');
    const { counterparty = 'self' } = args;
    const key = this.#keys.derivePublicKey(this.#name({ protocolID, keyID, counterparty }, 'self'), forSelf);
    return Promise.resolve({ publicKey: Buffer.from(key).toString('hex') });
  }

  async createSignature(args: CreateSignatureArgs): Promise<CreateSignatureResult> {
    const digest = digestOf(args.data, args.hashToDirectlySign);
    return Promise.resolve({ signature: [...this.#keys.sign(digest, this.#name(args, 'anyone'))] });
  }

  async verifySignature(args: VerifySignatureArgs): Promise<VerifySignatureResult> {
    const digest = digestOf(args.data, args.hashToDirectlyVerify);
    const key = this.#keys.derivePublicKey(this.#name(args, 'self'), args.forSelf ?? false);
    if (!this.#keys.verify(digest, octetsOf(args.signature), key)) throw invalid('Signature', 'ERR_INVALID_SIGNATURE');
    return Promise.resolve({ valid: true });
  }

  async createHmac(args: CreateHmacArgs): Promise<CreateHmacResult> {
    return Promise.resolve({ hmac: [...this.#keys.authenticate(octetsOf(args.data), this.#name(args, 'self'))] });
  }

  async verifyHmac(args: VerifyHmacArgs): Promise<VerifyHmacResult> {
    const computed = this.#keys.authenticate(octetsOf(args.data), this.#name(args, 'self'));
    const given = octetsOf(args.hmac);
    if (given.length !== computed.length || !timingSafeEqual(given, computed))
      throw invalid('HMAC', 'ERR_INVALID_HMAC');
    return Promise.resolve({ valid: true });
  }

  async encrypt(args: WalletEncryptArgs): Promise<WalletEncryptResult> {
    const name = this.#name(args, 'self');
    const sealed = this.#keys.encrypt(octetsOf(args.plaintext), randomBytes(VECTOR_BYTES), name);
    return Promise.resolve({ ciphertext: [...sealed] });
  }

  async decrypt(args: WalletDecryptArgs): Promise<WalletDecryptResult> {
    const plain = this.#keys.decrypt(octetsOf(args.ciphertext), this.#name(args, 'self'));
    if (plain === undefined) throw new Error('Decryption failed!');
    return Promise.resolve({ plaintext: [...plain] });
  }

  #name({ protocolID, keyID, counterparty }: KeyArgs, fallback: string): WalletKeyName {
    return { protocol: protocolID, keyId: keyID, peer: this.#keys.readPeer(counterparty ?? fallback) };
  }
}
