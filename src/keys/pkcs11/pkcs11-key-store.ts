import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { KeyStore, RootKey } from '#ports';
import { unusable } from '../key-store-error';
import { OTHERS_AND_GROUP, readPrivateFile } from '../read-private-file';
import type { ReadSecret } from '../read-secret';
import { replaceFile } from '../replace-file';
import { readRing, writeRing } from '../ring-octets';
import { withTokenKey } from './token-session';
import type { Pkcs11Settings } from './pkcs11-settings';

const FORMAT = 'portcullis sealed keys v1';
const VECTOR_BYTES = 12;
const FILE_BYTES_MAX = 16_384;

const sealedFileSchema = z.strictObject({
  format: z.literal(FORMAT),
  vector: z
    .base64()
    .transform((text) => Buffer.from(text, 'base64'))
    .refine(({ length }) => length === VECTOR_BYTES),
  sealed: z.base64().transform((text) => Buffer.from(text, 'base64')),
});

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Keys in a file that a key inside a PKCS#11 token sealed: what lies on the disk opens with the device alone. */
export class Pkcs11KeyStore implements KeyStore {
  readonly name: string;
  readonly #context: Buffer;
  #loaded: Buffer | undefined;

  constructor(
    private readonly settings: Pkcs11Settings,
    private readonly readPin: ReadSecret,
  ) {
    this.name = `key file ${settings.path}, sealed by the token ${settings.token}`;
    this.#context = Buffer.from(JSON.stringify([FORMAT, settings.token, settings.keyLabel]));
  }

  async loadKeys(): Promise<readonly RootKey[]> {
    const content = await this.#read();
    this.#loaded = content;
    if (content === undefined) return [];
    const parsed = sealedFileSchema.safeParse(parseJson(content.toString('utf8')));
    if (!parsed.success)
      throw unusable(`The key file ${this.settings.path} is not one of this version, or was damaged.`);
    const { sealed, vector } = parsed.data;
    const pin = await this.readPin();
    let plain: Buffer | undefined;
    try {
      plain = await withTokenKey(this.settings, pin, false, (key) => key.decrypt(sealed, vector, this.#context));
      return readRing(plain);
    } finally {
      pin.fill(0);
      plain?.fill(0);
    }
  }

  async replaceKeys(keys: readonly RootKey[]): Promise<void> {
    const loaded = this.#loaded;
    const pin = await this.readPin();
    const plain = writeRing(keys);
    try {
      const vector = randomBytes(VECTOR_BYTES);
      // Only where there is nothing to open yet: else a key that is missing is another token, or one that lost it.
      const sealed = await withTokenKey(this.settings, pin, loaded === undefined, (key) =>
        key.encrypt(plain, vector, this.#context),
      );
      const file = { format: FORMAT, vector: vector.toString('base64'), sealed: sealed.toString('base64') };
      const content = `${JSON.stringify(file, undefined, 2)}\n`;
      await replaceFile(this.settings.path, content, {
        isNew: loaded === undefined,
        isAsLoaded: async () => {
          const present = await this.#read();
          return loaded === undefined ? present === undefined : present?.equals(loaded) === true;
        },
      });
      this.#loaded = Buffer.from(content);
    } finally {
      pin.fill(0);
      plain.fill(0);
    }
  }

  #read(): Promise<Buffer | undefined> {
    return readPrivateFile({
      ...{ path: this.settings.path, what: 'key file', bytesMax: FILE_BYTES_MAX },
      ...{ closedTo: OTHERS_AND_GROUP, mayBeLink: false },
    });
  }
}
