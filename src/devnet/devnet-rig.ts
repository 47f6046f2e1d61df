import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { P2PKH, PrivateKey, Transaction } from '@bsv/sdk';
import { type Devnet, startDevnet } from './start-devnet';

export interface Grant {
  txid: string;
  vout: number;
  rawTx: string;
  beef: string;
  blockHeight: number;
}
export interface Status {
  txid: string;
  txStatus: string;
  status: number;
  blockHash: string;
  blockHeight: number;
  merklePath: string;
  competingTxs: string[] | null;
  extraInfo: string;
}

const key = PrivateKey.fromHex('11'.repeat(32));
const directories: string[] = [];
const devnets: Devnet[] = [];
export const makeDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'portcullis-devnet-'));
  directories.push(directory);
  return directory;
};
export const start = async (dataDir = makeDirectory()): Promise<Devnet> => {
  const devnet = await startDevnet({ port: 0, dataDir });
  devnets.push(devnet);
  return devnet;
};
export const order = async <T>(url: string, path: string, body?: unknown, method = 'POST'): Promise<T> => {
  const answer = await fetch(`${url}/admin/${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const value = (await answer.json()) as T;
  if (!answer.ok) throw new Error(`${answer.status} ${JSON.stringify(value)}`);
  return value;
};
export const fund = (url: string, satoshis = 10_000): Promise<Grant> =>
  order(url, 'fund', { address: key.toAddress(), satoshis });
export const statusOf = async (url: string, txid: string): Promise<Status> =>
  (await (await fetch(`${url}/arc/v1/tx/${txid}`)).json()) as Status;
export const rootAt = async (url: string, height: number): Promise<string> => {
  const answer = await fetch(`${url}/chaintracks/v2/headers?height=${height}&count=1`);
  const header = Buffer.from(await answer.arrayBuffer());
  return header.subarray(36, 68).reverse().toString('hex');
};
export const send = (url: string, hex: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${url}/arc/v1/tx`, { method: 'POST', headers: { 'content-type': 'text/plain', ...headers }, body: hex });
export const submit = async (url: string, hex: string, headers: Record<string, string> = {}): Promise<Status> =>
  (await (await send(url, hex, headers)).json()) as Status;

/** Spends output 0 of `source`; the fee is what `satoshis` leaves. */
export const spend = async (source: Transaction, satoshis: number, signer = key): Promise<Transaction> => {
  const transaction = new Transaction();
  transaction.addInput({
    sourceTransaction: source,
    sourceOutputIndex: 0,
    unlockingScriptTemplate: new P2PKH().unlock(signer),
  });
  transaction.addP2PKHOutput(key.toAddress(), satoshis);
  await transaction.sign();
  return transaction;
};

/** For afterEach: stops every network that was started and removes its data. */
export const stopAll = async (): Promise<void> => {
  await Promise.all(devnets.splice(0).map((devnet) => devnet.close()));
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
};
