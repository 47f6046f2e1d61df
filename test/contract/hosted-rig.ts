import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { MerklePath, PushDrop, Transaction, Utils, type WalletProtocol } from '@bsv/sdk';
import { act, type DevWallet } from '#testkit';
import type { SubmissionsRig } from './submissions-rig';

const FIXTURES = join(__dirname, 'hosted');
const PROTOCOL: WalletProtocol = [1, 'hosted topics'];

/** A folder as an operator has it: a configuration file, packages beside it as npm leaves them, and files of the operator's own. */
export class OperatorFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'portcullis-hosted-'));
  private readonly before = process.env['PORTCULLIS_CONFIG_FILE'];

  constructor() {
    const packages = join(this.path, 'node_modules');
    mkdirSync(join(packages, '@bsv'), { recursive: true });
    symlinkSync(dirname(dirname(dirname(require.resolve('@bsv/sdk')))), join(packages, '@bsv', 'sdk'));
    cpSync(join(FIXTURES, 'packages', 'notes'), join(packages, '@fixtures', 'notes'), { recursive: true });
    cpSync(join(FIXTURES, 'packages', 'consignments'), join(packages, 'fixture-consignments'), { recursive: true });
    cpSync(join(FIXTURES, 'files'), this.path, { recursive: true });
    // Modules are looked for beside the configuration file.
    process.env['PORTCULLIS_CONFIG_FILE'] = join(this.path, 'portcullis.json');
  }

  remove(): void {
    if (this.before === undefined) delete process.env['PORTCULLIS_CONFIG_FILE'];
    else process.env['PORTCULLIS_CONFIG_FILE'] = this.before;
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A PushDrop token of any fields, signed by the key that locks it. */
export interface Token {
  readonly beef: Uint8Array;
  readonly txid: string;
  readonly vout: number;
  readonly protocol: WalletProtocol;
  readonly keyId: string;
  readonly counterparty: string;
}

const lock = async (wallet: DevWallet, fields: readonly string[]): Promise<string> => {
  const octets = fields.map((field) => Utils.toArray(field, 'utf8'));
  return (await new PushDrop(wallet).lock(octets, PROTOCOL, 'token', 'self', true, true)).toHex();
};
const tokenOf = (made: { beef: Uint8Array; txid: string }, vout = 0): Token => ({
  ...made,
  ...{ vout, protocol: PROTOCOL, keyId: 'token', counterparty: 'self' },
});

/** One transaction with one token for each list of fields, first among its outputs. */
export async function makeTokens(wallet: DevWallet, ...tokens: (readonly string[])[]): Promise<Token> {
  const scripts = await Promise.all(tokens.map((fields) => lock(wallet, fields)));
  const { tx, txid } = await wallet.createAction({
    description: 'make tokens',
    outputs: scripts.map((lockingScript) => ({ satoshis: 1, lockingScript, outputDescription: 'a token' })),
    options: { randomizeOutputs: false },
  });
  if (tx === undefined || txid === undefined) throw new Error('The wallet did not answer with a transaction.');
  return tokenOf({ beef: Uint8Array.from(tx), txid });
}

/** Spends a token and makes another. */
export async function passOn(wallet: DevWallet, token: Token, ...tokens: (readonly string[])[]): Promise<Token> {
  const octets = tokens.map((fields) => fields.map((field) => Utils.toArray(field, 'utf8')));
  const pushDrop = new PushDrop(wallet);
  const outputs = await Promise.all(
    octets.map((fields) => pushDrop.lock(fields, PROTOCOL, 'token', 'self', true, true)),
  );
  return tokenOf(await act(wallet, { description: 'pass a token on', spend: token, outputs }));
}

/** The transaction with nothing but its own proof: sent to the development network with its ancestors, and mined there. */
export async function prove(rig: SubmissionsRig, beef: Uint8Array): Promise<Uint8Array> {
  const subject = Transaction.fromAtomicBEEF(beef);
  const unproven: Transaction[] = [];
  const waiting = [subject];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    unproven.unshift(next);
    for (const { sourceTransaction } of next.inputs)
      if (sourceTransaction !== undefined && sourceTransaction.merklePath === undefined)
        waiting.push(sourceTransaction);
  }
  const url = `${rig.devnet.url}/arc/v1/tx`;
  const headers = { 'content-type': 'application/json' };
  for (const transaction of unproven)
    await fetch(url, { method: 'POST', headers, body: JSON.stringify({ rawTx: transaction.toHexEF() }) });
  await rig.mine();
  const { merklePath } = (await (await fetch(`${url}/${subject.id('hex')}`)).json()) as { merklePath: string };
  subject.merklePath = MerklePath.fromHex(merklePath);
  return subject.toAtomicBEEFUint8Array();
}
