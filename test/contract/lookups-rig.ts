import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  HTTPSOverlayLookupFacilitator,
  LookupResolver,
  PushDrop,
  Transaction,
  Utils,
  type LookupAnswer,
  type WalletProtocol,
} from '@bsv/sdk';
import { Historian } from '@bsv/sdk/overlay-tools/Historian';
import { findFeed, fsck } from '#ledger';
import { act, createAnchor, waitUntil, type DevWallet } from '#testkit';
import { feedNameOf } from '../../src/lookup/feed/feed-cursor';
import { LookupFeeds } from '../../src/lookup/feed/lookup-feeds.service';
import { SubmissionsRig, type Caller } from './submissions-rig';

const MODULE = join(__dirname, 'lookups', 'ways.cjs');
const PROTOCOL: WalletProtocol = [1, 'hosted ways'];

export const TOPIC = 'tm_ways';
/** One service for each mode of notice, two for those of admission. */
export const SERVICES = ['ls_none', 'ls_txid', 'ls_script', 'ls_whole'] as const;
export type Service = (typeof SERVICES)[number];

/** A token of a way: its id and the step that it stands at. */
export interface Step {
  readonly beef: Uint8Array;
  readonly txid: string;
  readonly name: string;
}

/** What a service wrote down, but for what its modes do not tell. */
export type Line = Record<string, unknown>;
export type Query = Readonly<Record<string, unknown>>;

type App = SubmissionsRig['app'];

/** The gateway with a topic that retains, and with services of every mode; those with a file are shared by all gateways, `ls_txid` has one memory in each. */
export class LookupsRig {
  private constructor(
    readonly gateway: SubmissionsRig,
    private readonly folder: string,
  ) {}

  static async open(): Promise<LookupsRig> {
    const folder = mkdtempSync(join(tmpdir(), 'portcullis-ways-'));
    const host = (name: Service, admissionMode: string, spendNotificationMode: string, file?: string): object => ({
      ...{ name, module: MODULE, export: 'WayLookup', storage: file === undefined ? 'process' : 'own' },
      options: { admissionMode, spendNotificationMode, file, fault: join(folder, `${name}.fault`) },
    });
    const topics = [
      { name: TOPIC, module: MODULE, export: 'WayTopic' },
      host('ls_none', 'locking-script', 'none', join(folder, 'none')),
      host('ls_txid', 'locking-script', 'txid'),
      host('ls_script', 'locking-script', 'script', join(folder, 'script')),
      host('ls_whole', 'whole-tx', 'whole-tx', join(folder, 'whole')),
    ];
    const settings = { topics: JSON.stringify(topics), overlayOpen: ['*'], prices: [], topicTimeoutMs: 10_000 };
    return new LookupsRig(await SubmissionsRig.open(settings), folder);
  }

  /** Every invariant of the ledger holds, and everything is closed. */
  async close(): Promise<void> {
    const findings = await fsck(this.gateway.database.owner);
    await this.gateway.close();
    rmSync(this.folder, { recursive: true, force: true });
    expect(findings.filter(({ ok }) => !ok)).toEqual([]);
  }

  /** From here on the service throws at whatever it is told. */
  break(service: Service): void {
    writeFileSync(join(this.folder, `${service}.fault`), '');
  }

  mend(service: Service): void {
    if (existsSync(join(this.folder, `${service}.fault`))) rmSync(join(this.folder, `${service}.fault`));
  }

  async waitUntilRefused(service: Service): Promise<void> {
    await waitUntil(`${service} has thrown`, async () => {
      const feed = await findFeed(this.gateway.database.owner, feedNameOf(service));
      return feed?.lastError?.includes('out of order') === true;
    });
  }

  async waitUntilTold(services: readonly Service[] = SERVICES, app: App = this.gateway.app): Promise<void> {
    await waitUntil(
      `${services.join(', ')} are told`,
      async () => {
        const progress = await app.get(LookupFeeds).listProgress();
        return progress.every(
          ({ service, behind, isRebuilding }) =>
            (behind === 0 && !isRebuilding) || !services.includes(service as Service),
        );
      },
      60_000,
    );
  }

  /** Submitted, and told to these services. */
  async submit(caller: Caller, step: Step, more: Query = {}, told: readonly Service[] = SERVICES): Promise<void> {
    const answer = await caller.submit(step.beef, { topics: [TOPIC], ...more });
    expect([answer.status, answer.text]).toEqual([201, expect.any(String)]);
    await this.waitUntilTold(told);
  }

  /** By the unmodified resolver of the SDK. */
  async ask(service: Service, query: Query, url = this.gateway.url): Promise<LookupAnswer['outputs']> {
    const refusals: unknown[] = [];
    const { outputs } = await this.resolver(service, url, refusals).query({ service, query });
    // For the resolver a host that refuses and a host that knows nothing are one.
    expect(refusals).toEqual([]);
    return outputs;
  }

  /** Outputs that it answers with, in order. */
  async find(service: Service, query: Query): Promise<string[]> {
    const outputs = await this.ask(service, query);
    return outputs.map(({ beef, outputIndex }) => `${Transaction.fromBEEF(beef).id('hex')}.${String(outputIndex)}`);
  }

  /** What the service says that it was told about these tokens, by the route of the overlay protocol. */
  async heard(service: Service, steps: readonly Step[], url = this.gateway.url): Promise<Line[]> {
    const body = JSON.stringify({ service, query: { heard: true } });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${url}/lookup`, { method: 'POST', headers, body });
    const { type, result } = (await answer.json()) as { type: string; result: Line[] };
    expect(type).toBe('freeform');
    return result.filter(({ output }) => steps.some(({ txid }) => output === `${txid}.0`));
  }

  private resolver(service: Service, url: string, refusals: unknown[]): LookupResolver {
    const facilitator = new HTTPSOverlayLookupFacilitator(fetch, true);
    return new LookupResolver({
      networkPreset: 'local',
      facilitator: {
        lookup: (...asked) =>
          facilitator.lookup(...asked).catch((error: unknown) => {
            refusals.push(error);
            throw error;
          }),
      },
      hostOverrides: { [service]: [url] },
      reputationStorage: { get: () => null, set: () => undefined },
    });
  }
}

const lock = (wallet: DevWallet, id: string, name: string): ReturnType<PushDrop['lock']> =>
  new PushDrop(wallet).lock([Utils.toArray(id), Utils.toArray(name)], PROTOCOL, id, 'self', true, true);

/** A first token of its way. */
export async function setOut(wallet: DevWallet, id: string, name: string): Promise<Step> {
  const anchor = await createAnchor(wallet, id);
  const script = await lock(wallet, id, name);
  return { ...(await act(wallet, { description: 'set out', spend: anchor, outputs: [script] })), name };
}

/** Spends a token, for the next one of its way or, without a name, for none. */
export async function goOn(wallet: DevWallet, id: string, from: Step, name?: string): Promise<Step> {
  const spend = { ...from, vout: 0, protocol: PROTOCOL, keyId: id, counterparty: 'self' };
  const outputs = name === undefined ? [] : [await lock(wallet, id, name)];
  return { ...(await act(wallet, { description: 'go on', spend, outputs })), name: name ?? 'end' };
}

/** The steps that lead to an answered output, oldest first, as far as the SDK finds them in its BEEF. */
export function readWay(beef: readonly number[]): Promise<string[]> {
  const historian = new Historian<string>((transaction, index) => {
    try {
      const script = transaction.outputs[index]?.lockingScript;
      const [, step] = script === undefined ? [] : PushDrop.decode(script).fields;
      return step === undefined ? undefined : Utils.toUTF8(step);
    } catch {
      return undefined;
    }
  });
  return historian.buildHistory(Transaction.fromBEEF([...beef]));
}
