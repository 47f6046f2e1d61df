import {
  type AncestryVerifiedBeef,
  listRoots,
  openSubject,
  type ReadBeef,
  readBeef,
  type Result,
  scanBeef,
  verifyAncestry,
  verifyScripts,
} from '#atomic-core';
import { findHeadersAt, findHeaderTip } from '#ledger';
import { readFile } from 'node:fs/promises';
import type { DataSource } from 'typeorm';
import { CommandError, exitCodes } from './exit-codes';
import { print } from './print';
import { withDatabase } from './with-database';

/** Verifies a BEEF file as the gateway would, in the same order: form, ancestry, our headers, scripts. */
export async function runVerify(file: string, options: { json: boolean }): Promise<void> {
  const bytes = decode(
    await readFile(file).catch((error: unknown) => {
      throw new CommandError(exitCodes.usage, `${file} cannot be read: ${(error as Error).message}.`);
    }),
  );
  const read = demand(readForm(bytes), options.json);
  const ancestry = await withDatabase((database) => checkChain(database, read, options.json));
  const { txid } = openSubject(demand(verifyScripts(ancestry), options.json));
  print({ json: options.json, value: { verified: true, txid }, lines: [`${txid} is verified`] });
}

function readForm(bytes: Uint8Array): Result<ReadBeef> {
  const scanned = scanBeef(bytes);
  return scanned.ok ? readBeef(scanned.value) : scanned;
}

/** Scripts run last and only for what the chain agrees with: they are what an attacker can make expensive. */
async function checkChain(database: DataSource, read: ReadBeef, json: boolean): Promise<AncestryVerifiedBeef> {
  const tip = await findHeaderTip(database);
  if (tip === undefined) {
    throw new CommandError(
      exitCodes.unavailable,
      'The header store is empty; start the gateway or import headers first.',
    );
  }
  const { height: tipHeight, medianTimePast } = tip;
  const ancestry = demand(verifyAncestry(read, { tipHeight, medianTimePast }), json);
  const questions = listRoots(read);
  const stored = await findHeadersAt(
    database,
    questions.map(({ height }) => height),
  );
  const roots = new Map(stored.map(({ height, header }) => [height, header.merkleRoot]));
  for (const { height, root } of questions) {
    const known = roots.get(height);
    if (known === undefined) {
      throw new CommandError(exitCodes.unavailable, `The header at height ${String(height)} is not in the store.`);
    }
    if (known !== root) {
      demand({ ok: false, rejection: { code: 'proof-root-invalid', detail: `at height ${String(height)}` } }, json);
    }
  }
  return ancestry;
}

function demand<T>(result: Result<T>, json: boolean): T {
  if (result.ok) return result.value;
  const { code, detail } = result.rejection;
  if (json) print({ json, value: { verified: false, code, detail }, lines: [] });
  throw new CommandError(exitCodes.refused, `Refused: ${code}, ${detail}.`);
}

/** Files come as octets, or as text with hex or base64. Text of a BEEF never starts like octets do: those hold zero bytes. */
function decode(content: Buffer): Uint8Array {
  const text = content.toString('latin1').trim();
  if (/^(?:[0-9a-fA-F]{2})+$/u.test(text)) return Buffer.from(text, 'hex');
  if (/^[A-Za-z0-9+/]+={0,2}$/u.test(text)) return Buffer.from(text, 'base64');
  return content;
}
