import {
  HTTPSOverlayBroadcastFacilitator,
  HTTPSOverlayLookupFacilitator,
  LookupResolver,
  PushDrop,
  Transaction,
  Utils,
  type STEAK,
  type WalletProtocol,
} from '@bsv/sdk';
import { fsck } from '#ledger';
import { act, createAnchor, issueDocument, type DevWallet, type DocumentToken } from '#testkit';
import { SubmissionsRig } from './submissions-rig';

/** Where the gateway of the tests is said to be. Nobody serves TLS here: the stand-in for `fetch` ends it, as a proxy in front of a gateway does. */
export const PLACE = 'https://overlay.example.com';

export interface OverlayAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly octets: Buffer;
  readonly json: Record<string, unknown>;
}

const PROTOCOLS: Readonly<Record<'SHIP' | 'SLAP', WalletProtocol>> = {
  SHIP: [2, 'service host interconnect'],
  SLAP: [2, 'service lookup availability'],
};

/** The gateway with its overlay routes, and everything that an SDK client needs to find it. */
export class OverlayRig {
  private constructor(readonly gateway: SubmissionsRig) {}

  static async open(settings: Record<string, unknown> = {}): Promise<OverlayRig> {
    const gateway = await SubmissionsRig.open({ overlayOpen: ['*'], overlayDiscovery: 'host', ...settings });
    endTls(gateway.url);
    return new OverlayRig(gateway);
  }

  get url(): string {
    return this.gateway.url;
  }

  /** Every invariant of the ledger holds, and everything is closed. */
  async close(): Promise<void> {
    const findings = await fsck(this.gateway.database.owner);
    await this.gateway.close();
    jest.restoreAllMocks();
    expect(findings.filter(({ ok }) => !ok)).toEqual([]);
  }

  /** By hand, without the SDK, and without a name. */
  async send(path: string, init: RequestInit = {}): Promise<OverlayAnswer> {
    const response = await fetch(`${this.url}${path}`, init);
    const octets = Buffer.from(await response.arrayBuffer());
    const text = octets.toString('utf8');
    const json = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
    return { status: response.status, headers: response.headers, octets, json };
  }

  submit(
    body: Uint8Array,
    topics: readonly string[] | string = ['tm_documents'],
    more: Record<string, string> = {},
  ): Promise<OverlayAnswer> {
    const named = typeof topics === 'string' ? topics : JSON.stringify(topics);
    const headers = { 'content-type': 'application/octet-stream', 'x-topics': named, ...more };
    return this.send('/submit', { method: 'POST', headers, body: Buffer.from(body) });
  }

  lookUp(service: string, query: unknown, more: Record<string, string> = {}): Promise<OverlayAnswer> {
    const headers = { 'content-type': 'application/json', ...more };
    return this.send('/lookup', { method: 'POST', headers, body: JSON.stringify({ service, query }) });
  }

  /** Advertises this gateway, by the SDK's facilitator. */
  async advertise(wallet: DevWallet, protocol: 'SHIP' | 'SLAP', hosted: string): Promise<STEAK> {
    const made = await makeAdvertisement(wallet, protocol, hosted);
    return this.facilitator().send(PLACE, { beef: [...made.beef], topics: [`tm_${protocol.toLowerCase()}`] });
  }

  facilitator(): HTTPSOverlayBroadcastFacilitator {
    return new HTTPSOverlayBroadcastFacilitator();
  }

  /** Finds hosts by SLAP, from this gateway alone. */
  resolver(): LookupResolver {
    return new LookupResolver({
      facilitator: new HTTPSOverlayLookupFacilitator((url, init) => fetch(url, init)),
      slapTrackers: [PLACE],
      reputationStorage: { get: () => null, set: () => undefined },
    });
  }
}

const endTls = (url: string): void => {
  const real = globalThis.fetch;
  jest.spyOn(globalThis, 'fetch').mockImplementation((asked, init) => {
    const text = asked instanceof Request ? asked.url : String(asked);
    return real(text.startsWith(PLACE) ? url + text.slice(PLACE.length) : asked, init);
  });
};

/** As `WalletAdvertiser` of `overlay-discovery-services` locks it. */
export const makeAdvertisement = async (
  wallet: DevWallet,
  protocol: 'SHIP' | 'SLAP',
  hosted: string,
  place = PLACE,
): Promise<{ beef: Uint8Array; txid: string }> => {
  const fields = [
    Utils.toArray(protocol),
    Utils.toArray(wallet.identityKey, 'hex'),
    Utils.toArray(place),
    Utils.toArray(hosted),
  ];
  const script = await new PushDrop(wallet).lock(fields, PROTOCOLS[protocol], '1', 'anyone', true);
  const anchor = await createAnchor(wallet, hosted);
  return act(wallet, { description: 'advertise a host', spend: anchor, outputs: [script] });
};

/** Spends an advertisement, and with it what it says. */
export const withdrawAdvertisement = (
  wallet: DevWallet,
  protocol: 'SHIP' | 'SLAP',
  made: { beef: Uint8Array; txid: string },
): Promise<{ beef: Uint8Array; txid: string }> => {
  const spend = { ...made, vout: 0, protocol: PROTOCOLS[protocol], keyId: '1', counterparty: 'anyone' };
  return act(wallet, { description: 'withdraw it', spend, outputs: [] });
};

export const issueInvoice = (wallet: DevWallet, documentId: string): Promise<DocumentToken> =>
  issueDocument(wallet, { kind: 'invoice', documentId, contentHash: Buffer.alloc(32, documentId) });

export const transactionOf = ({ beef }: { readonly beef: Uint8Array }): Transaction =>
  Transaction.fromAtomicBEEF([...beef]);
