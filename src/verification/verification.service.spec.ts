import { P2PKH, PrivateKey } from '@bsv/sdk';
import type { ChainTip, ChainTracker, RootVerdict } from '#ports';
import { buildProvenTransaction } from '#testkit';
import { parseSettings, resolveConfig } from '../config';
import { Log, Metrics } from '../telemetry';
import { VerificationService } from './verification.service';

const tipAt = (height: number): ChainTip => ({
  height,
  hash: String(height).padStart(64, '0'),
  medianTimePast: 1_795_000_000,
});
const locked = { lockingScript: new P2PKH().lock(PrivateKey.fromRandom().toAddress()), satoshis: 10 };
const { beef } = buildProvenTransaction([locked], 100);

/** A chain that tells what it was asked, and moves on when it is told to. */
class TalkingChain implements ChainTracker {
  readonly asked: string[] = [];
  tip = tipAt(1_000);
  recalled: ChainTip | undefined;
  verdict: RootVerdict = 'OK';

  judgeRoots(questions: readonly unknown[]): Promise<RootVerdict[]> {
    this.asked.push('roots');
    return Promise.resolve(questions.map(() => this.verdict));
  }
  judgeRootsUnder(tip: ChainTip, questions: readonly unknown[]): Promise<RootVerdict[] | undefined> {
    this.asked.push('roots under the tip');
    return Promise.resolve(tip.hash === this.tip.hash ? questions.map(() => this.verdict) : undefined);
  }
  findTip(): Promise<ChainTip> {
    this.asked.push('tip');
    this.recalled = this.tip;
    return Promise.resolve(this.tip);
  }
  recallTip(): ChainTip | undefined {
    return this.recalled;
  }
}

/** Nothing is remembered and nothing is looked up. */
const forgetful = {
  findKnown: (graph: { needed: Uint8Array }) => Promise.resolve(new Uint8Array(graph.needed.length)),
  remember: () => undefined,
};

describe('VerificationService', () => {
  jest.setTimeout(60_000);
  let chain: TalkingChain;
  let service: VerificationService;

  beforeAll(async () => {
    const settings = { identityKey: '11'.repeat(32), verificationWorkers: 1, dataDir: '/nowhere' };
    const config = resolveConfig(parseSettings(settings));
    chain = new TalkingChain();
    service = new VerificationService(config, chain, new Metrics(), new Log({ level: 'silent' }), forgetful as never);
    while (!(await service.verify(beef)).ok);
  });
  beforeEach(() => {
    chain.asked.length = 0;
    chain.verdict = 'OK';
  });
  afterAll(() => service.onApplicationShutdown());

  it('asks the chain one question while its tip stays', async () => {
    expect(await service.verify(beef)).toMatchObject({ ok: true });
    expect(chain.asked).toEqual(['roots under the tip']);
  });

  it('believes nothing that it found under a tip that has gone', async () => {
    chain.tip = tipAt(1_001);
    expect(await service.verify(beef)).toMatchObject({ ok: true });
    expect(chain.asked).toEqual(['roots under the tip', 'tip', 'roots']);
  });

  it('refuses for what a tip says only while that is the tip', async () => {
    // A proof above the tip that is remembered, and below the one that there is.
    chain.recalled = tipAt(50);
    expect(await service.verify(Buffer.from(beef).subarray(0, 20))).toMatchObject({ ok: false });
    expect(chain.asked).toEqual(['tip', 'tip']);
    chain.asked.length = 0;
    expect(await service.verify(Buffer.from(beef).subarray(0, 20))).toMatchObject({ ok: false });
    expect(chain.asked).toEqual(['tip']);
  });

  it.each([
    ['INVALID', 'proof-root-invalid'],
    ['UNKNOWN', 'chain-unsettled'],
  ] as const)('refuses a root that is %s under the tip', async (verdict, code) => {
    chain.verdict = verdict;
    expect(await service.verify(beef)).toMatchObject({ ok: false, rejection: { code } });
    expect(chain.asked).toEqual(['roots under the tip']);
  });
});
