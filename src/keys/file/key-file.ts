import { randomBytes, scrypt } from 'node:crypto';
import { z } from 'zod';
import { VECTOR_BYTES, seal, unseal } from '#atomic-core';
import { unusable } from '../key-store-error';

const FORMAT = 'portcullis keys v1';
/** scrypt with N = 2^17, r = 8, p = 1, the least that OWASP asks for: 128 MiB and some half a second for each guess. */
export const COST_LOG2 = 17;
/** A file may come from elsewhere. Below it a guess is cheap; above it (256 MiB) the file is made to stop the process that opens it. */
const COST_LOG2_MIN = 15;
const COST_LOG2_MAX = 18;
const BLOCK_SIZE = 8;
const SALT_BYTES = 32;
const KEY_BYTES = 32;
const PASSPHRASE_BYTES_MIN = 12;
const SCRYPT_OVERHEAD_BYTES = 1_048_576;

const octets = (bytesMin: number, bytesMax: number) =>
  z
    .string()
    .max(2 * bytesMax)
    .transform((text) => Buffer.from(text, 'base64'))
    .refine(({ length }) => length >= bytesMin && length <= bytesMax);

/** bytes: 64 keys with their times. */
const SEALED_BYTES_MAX = 4_096;

const keyFileSchema = z.strictObject({
  format: z.literal(FORMAT),
  scryptCostLog2: z.int().min(COST_LOG2_MIN).max(COST_LOG2_MAX),
  salt: octets(SALT_BYTES, SALT_BYTES),
  sealed: octets(VECTOR_BYTES + 16, SEALED_BYTES_MAX),
});

/** What the key was made with stands in what is sealed: no cost but the one that was chosen opens it. */
const contextOf = (costLog2: number): Buffer => Buffer.from(`${FORMAT} scrypt ${costLog2}`);

const stretch = (passphrase: Buffer, salt: Buffer, costLog2: number): Promise<Buffer> => {
  const N = 2 ** costLog2;
  const maxmem = 128 * N * BLOCK_SIZE + SCRYPT_OVERHEAD_BYTES;
  return new Promise((resolve, reject) =>
    scrypt(passphrase, salt, KEY_BYTES, { N, r: BLOCK_SIZE, p: 1, maxmem }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    ),
  );
};

export const sealKeyFile = async (plain: Buffer, passphrase: Buffer): Promise<string> => {
  if (passphrase.length < PASSPHRASE_BYTES_MIN)
    throw unusable(`The passphrase of a key file has at least ${PASSPHRASE_BYTES_MIN} octets.`);
  const salt = randomBytes(SALT_BYTES);
  const key = await stretch(passphrase, salt, COST_LOG2);
  const sealed = seal(plain, { key, vector: randomBytes(VECTOR_BYTES), context: contextOf(COST_LOG2) });
  key.fill(0);
  const content = { salt: salt.toString('base64'), sealed: sealed.toString('base64') };
  return `${JSON.stringify({ format: FORMAT, scryptCostLog2: COST_LOG2, ...content }, undefined, 2)}\n`;
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** One sentence for a wrong passphrase and for octets that were changed: nobody but the owner of the passphrase can tell which it is. */
export const openKeyFile = async (content: Buffer, passphrase: Buffer, path: string): Promise<Buffer> => {
  const parsed = keyFileSchema.safeParse(parseJson(content.toString('utf8')));
  if (!parsed.success) throw unusable(`The key file ${path} is not one of this version, or was damaged.`);
  const { salt, sealed, scryptCostLog2 } = parsed.data;
  const key = await stretch(passphrase, salt, scryptCostLog2);
  const plain = unseal(sealed, { key, vectorBytes: VECTOR_BYTES, context: contextOf(scryptCostLog2) });
  key.fill(0);
  if (plain === undefined)
    throw unusable(`The passphrase does not open the key file ${path}, or the file was changed.`);
  return plain;
};
