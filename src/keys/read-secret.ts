import { unusable } from './key-store-error';
import { OTHERS, readPrivateFile } from './read-private-file';

/** Reads the passphrase, PIN, token or secret id of a store anew each time, for one use: the octets are the caller's to wipe. */
export type ReadSecret = () => Promise<Buffer>;

const SECRET_BYTES_MAX = 65_536;

const trimEnd = (octets: Buffer): Buffer => {
  let length = octets.length;
  while (length > 0 && (octets[length - 1] === 0x0a || octets[length - 1] === 0x0d)) length -= 1;
  return octets.subarray(0, length);
};

/** From the file where one is named, else what the setting holds. A line's end behind it is not part of it. */
export const openSecret =
  (file: string | undefined, setting: { reveal(): string } | undefined): ReadSecret =>
  async () => {
    if (file === undefined) {
      if (setting === undefined)
        throw unusable(
          'The key store needs its secret; set PORTCULLIS_KEY_STORE_SECRET, or secretFile in PORTCULLIS_KEY_STORE.',
        );
      return Buffer.from(setting.reveal(), 'utf8');
    }
    const place = { path: file, what: 'secret file', bytesMax: SECRET_BYTES_MAX, closedTo: OTHERS, mayBeLink: true };
    const octets = await readPrivateFile(place);
    if (octets === undefined) throw unusable(`The secret file ${file} is not there.`);
    const secret = trimEnd(octets);
    if (secret.length === 0) throw unusable(`The secret file ${file} is empty.`);
    return secret;
  };
