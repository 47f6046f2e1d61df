import type { KeyStore, RootKey } from '#ports';
import { OTHERS_AND_GROUP, readPrivateFile } from '../read-private-file';
import type { ReadSecret } from '../read-secret';
import { replaceFile } from '../replace-file';
import { readRing, writeRing } from '../ring-octets';
import { openKeyFile, sealKeyFile } from './key-file';

const FILE_BYTES_MAX = 16_384;

/** Keys in a file under a passphrase. */
export class FileKeyStore implements KeyStore {
  readonly name: string;
  #loaded: Buffer | undefined;

  constructor(
    private readonly path: string,
    private readonly readPassphrase: ReadSecret,
  ) {
    this.name = `key file ${path}`;
  }

  async loadKeys(): Promise<readonly RootKey[]> {
    const content = await this.#read();
    this.#loaded = content;
    if (content === undefined) return [];
    const passphrase = await this.readPassphrase();
    let plain: Buffer | undefined;
    try {
      plain = await openKeyFile(content, passphrase, this.path);
      return readRing(plain);
    } finally {
      plain?.fill(0);
      passphrase.fill(0);
    }
  }

  async replaceKeys(keys: readonly RootKey[]): Promise<void> {
    const passphrase = await this.readPassphrase();
    const plain = writeRing(keys);
    try {
      const content = await sealKeyFile(plain, passphrase);
      const loaded = this.#loaded;
      await replaceFile(this.path, content, {
        isNew: loaded === undefined,
        isAsLoaded: async () => {
          const present = await this.#read();
          return loaded === undefined ? present === undefined : present?.equals(loaded) === true;
        },
      });
      this.#loaded = Buffer.from(content);
    } finally {
      plain.fill(0);
      passphrase.fill(0);
    }
  }

  /** What is in it is sealed: nothing here needs wiping. */
  #read(): Promise<Buffer | undefined> {
    return readPrivateFile({
      ...{ path: this.path, what: 'key file', bytesMax: FILE_BYTES_MAX },
      ...{ closedTo: OTHERS_AND_GROUP, mayBeLink: false },
    });
  }
}
