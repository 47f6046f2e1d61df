import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CertificateWallet } from '#testkit';
import { type Devnet, startDevnet } from '../../../src/devnet';
import { TYPE, certifier, list, openCertificates, writeExchange } from '../../contract/certificates-rig';
import type { GatewayRig } from '../../contract/gateway-rig';
import { RawCaller, echoRequest, sendAuthMessage, sendHttp } from '../../contract/raw-caller';
import { type Outcome, outcomeOf } from './rivals';
import { type StockRig, openStock } from './stock-rig';

export const NAMES = ['name', 'role'];

export interface Desks {
  readonly devnet: Devnet;
  readonly gateway: GatewayRig;
  readonly stock: StockRig;
  stop(): Promise<void>;
}

/** Both gateways ask for the same certificates; ours has a network to ask about revocation. */
export const openDesks = async (): Promise<Desks> => {
  const directory = mkdtempSync(join(tmpdir(), 'portcullis-hostile-'));
  const devnet = await startDevnet({ port: 0, dataDir: directory });
  const gateway = await openCertificates({ settings: { devnetUrl: devnet.url } });
  const stock = await openStock({
    certificatesToRequest: { certifiers: [certifier.identityKey], types: { [TYPE]: NAMES } },
  });
  return {
    devnet,
    gateway,
    stock,
    stop: async () => {
      await stock.stop();
      await gateway.stop();
      await devnet.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
};

export interface Presentation {
  /** What the message was answered. */
  readonly upload: Outcome;
  /** Whether it gained what certificates are for: the protected route of the stock middleware; here, that one is kept. */
  readonly gained: boolean;
}

/** Whoever presents: the session that is to gain by it, and the wallet that signs the message. */
export interface Presenter {
  readonly caller: RawCaller;
  readonly signer: CertificateWallet;
  /** Members of the message that are written over. */
  readonly over?: Record<string, unknown>;
}

/** One certificateResponse of BRC-103, and what its sender can do after it. */
export const present = async (
  desk: GatewayRig | StockRig,
  { caller, signer, over }: Presenter,
  certificates: readonly unknown[],
): Promise<Presentation> => {
  const message = await writeExchange(caller, signer, { certificates }, over);
  const upload = await outcomeOf(desk, (signal) => sendAuthMessage(desk.origin, message, signal));
  if (!('sessions' in desk)) return { upload, gained: (await list(caller)).length > 0 };
  const signed = await caller.sign(echoRequest);
  const resource = await outcomeOf(desk, (signal) => sendHttp(desk.origin, signed, signal));
  return { upload, gained: resource !== 'no answer' && resource.status === 200 };
};

/** With a session of its own. */
export const openPresenter = async ({ origin }: { readonly origin: string }, signer: CertificateWallet) => ({
  caller: await RawCaller.open(origin, signer),
  signer,
});
