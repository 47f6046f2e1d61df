import { MasterCertificate, type ProtoWallet } from '@bsv/sdk';
import { z } from 'zod';
import { isIdentityKey, limits, readBase64 } from '#atomic-core';
import { readConfig } from '../config';
import { createKeyStore, KeyRing, NativeWallet } from '../keys';
import { CommandError, exitCodes } from './exit-codes';
import { openConfiguredHttp } from './open-configured-keys';
import { print } from './print';
import { readInput } from './read-input';

const NAME_BYTES = 32;
const LOAD_MS_MAX = 30_000;
const UNSPENDABLE = `${'0'.repeat(64)}.0`;

const isName = (text: string): boolean => readBase64(text)?.length === NAME_BYTES;

const requestSchema = z.strictObject({
  subject: z.string().refine(isIdentityKey, 'must be a compressed public key in lower-case hex'),
  type: z.string().refine(isName, 'must be base64 of 32 octets'),
  serialNumber: z.string().refine(isName, 'must be base64 of 32 octets').optional(),
  revocationOutpoint: z
    .string()
    .regex(/^[0-9a-f]{64}\.(0|[1-9][0-9]{0,9})$/u, 'must be <txid>.<vout>')
    .default(UNSPENDABLE),
  fields: z
    .record(
      z
        .string()
        .max(limits.CERTIFICATE_FIELD_NAME_BYTES_MAX)
        .regex(/^[A-Za-z0-9]+$/u, 'must be ASCII letters and digits'),
      z.string().max(limits.CERTIFICATE_FIELD_BYTES_MAX / 2),
    )
    .refine((fields) => Object.keys(fields).length <= limits.CERTIFICATE_FIELDS_MAX, 'are too many'),
});

type CertificateRequest = z.output<typeof requestSchema>;

function readRequest(text: string): CertificateRequest {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new CommandError(exitCodes.usage, 'The standard input must be one JSON object; see --help.');
  }
  const parsed = requestSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new CommandError(exitCodes.usage, `${issue?.path.join('.') ?? ''} is not valid: ${issue?.message ?? ''}.`);
}

/** The wallet of the key that is current. */
async function openWallet(): Promise<NativeWallet> {
  const config = readConfig();
  const roots = await createKeyStore(config, openConfiguredHttp(config)).loadKeys(AbortSignal.timeout(LOAD_MS_MAX));
  const copies = roots.map((key) => ({ ...key, root: Uint8Array.from(key.root) }));
  // The ring wipes what it is given, and knows which key is current.
  const ring = KeyRing.ofRoots(copies);
  const index = ring.listTerms().findIndex(({ identityKey }) => identityKey === ring.identityKey);
  const current = [...roots].sort((a, b) => b.fromMs - a.fromMs)[index];
  if (current === undefined) throw new Error('No key of the gateway is in force.');
  const wallet = new NativeWallet(current.root);
  for (const { root } of roots) root.fill(0);
  return wallet;
}

/**
 * Certifies something about somebody with the gateway's own key (BRC-52). The answer has the master keyring, with which the subject discloses fields: it is
 * for the subject alone.
 */
export async function runKeysCertify({ json }: { json: boolean }): Promise<void> {
  const { subject, type, serialNumber, revocationOutpoint, fields } = readRequest(
    await readInput(limits.CERTIFICATE_BYTES_MAX),
  );
  // The SDK asks for its class and uses its calls, which are the same.
  const wallet = (await openWallet()) as unknown as ProtoWallet;
  const issued = await MasterCertificate.issueCertificateForSubject(
    wallet,
    subject,
    { ...fields },
    type,
    () => Promise.resolve(revocationOutpoint),
    serialNumber,
  );
  const { certifier, signature, masterKeyring } = issued;
  const certificate = {
    ...{ type, serialNumber: issued.serialNumber, subject, certifier, revocationOutpoint },
    ...{ fields: issued.fields, signature, masterKeyring },
  };
  print({ json, value: certificate, lines: [JSON.stringify(certificate, undefined, 2)] });
}
