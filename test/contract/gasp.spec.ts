import { waitUntil } from '#testkit';
import { CHAIN, checkLedger, Follower, HOSTS_CHAIN, picture, submitLink, waitForSame, type Link } from './gasp-rig';
import { SubmissionsRig, type Caller } from './submissions-rig';

jest.setTimeout(240_000);

describe('a gateway follows another by GASP', () => {
  let first: SubmissionsRig;
  let caller: Caller;
  let second: Follower;
  const tips: Link[] = [];
  const closing: (() => Promise<void>)[] = [];

  /** Chains of retained coins, some of them proven at each length. */
  beforeAll(async () => {
    first = await SubmissionsRig.open(HOSTS_CHAIN);
    closing.push(() => first.close());
    caller = await first.openCaller(1_000_000);
    for (let chain = 0; chain < 3; chain += 1) tips.push(await submitLink(caller));
    for (let link = 1; link < 11; link += 1) {
      for (const [place, tip] of tips.entries()) tips[place] = await submitLink(caller, tip);
      if (link === 6) await first.mineUntilProven();
    }
    second = await Follower.open(first, { gaspPeers: { [CHAIN]: [first.url] } });
    closing.push(() => second.close());
  });
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
  });

  it('ends with the same state, digest and unspent outputs, history included', async () => {
    await waitForSame(first.database, second.database);
    const [here, there] = [await picture(first.database), await picture(second.database)];
    expect(here.state).toMatchObject({ unspent: 3, retained: 30, transitions: 33 });
    const { tip: _here, ...state } = { ...here.state };
    expect(there.state).toMatchObject(state);
    expect(there.unspent).toEqual(here.unspent);
    expect(there.retained).toEqual(here.retained);
    await checkLedger(second.database);
  });

  it('changes nothing when it follows again', async () => {
    await waitForSame(first.database, second.database);
    const before = await picture(second.database);
    // As if it had never been followed, and a day later.
    await second.database.owner.query('update portcullis.gasp_peer set since = 0, listed_whole_at = null');
    await waitUntil('the whole list was read again', async () => (await second.findPeers())[0]?.since !== '0');
    expect(await picture(second.database)).toEqual(before);
  });

  it('lists by score, and gives what an output descends from and nothing else', async () => {
    const ask = async (path: string, body: unknown): Promise<[number, Record<string, unknown>]> => {
      const headers = { 'content-type': 'application/json', 'x-bsv-topic': CHAIN };
      const answer = await fetch(`${first.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      return [answer.status, (await answer.json()) as Record<string, unknown>];
    };
    const list = async (since: number, limit?: number): Promise<{ txid: string; score: number }[]> => {
      const [status, body] = await ask('/requestSyncResponse', { version: 1, since, limit });
      expect([status, body['since']]).toEqual([200, since]);
      return body['UTXOList'] as { txid: string; score: number }[];
    };
    const all = await list(0);
    expect(all.map(({ txid }) => txid)).toEqual(tips.map(({ txid }) => txid));
    const [one, two] = all;
    expect(await list(0, 1)).toEqual([one]);
    expect(await list(one?.score ?? 0, 1)).toEqual([two]);
    expect(await ask('/requestSyncResponse', { version: 2, since: 0 })).toMatchObject([
      400,
      { status: 'error', message: 'GASP version mismatch. Current version: 1, foreign version: 2' },
    ]);
    const tip = tips[0] as Link;
    const question = { graphID: `${tip.txid}.0`, txid: tip.txid, outputIndex: 0, metadata: true };
    expect(await ask('/requestForeignGASPNode', question)).toMatchObject([200, { graphID: `${tip.txid}.0` }]);
    const foreign = { ...question, txid: (tips[1] as Link).txid };
    expect(await ask('/requestForeignGASPNode', foreign)).toMatchObject([400, { status: 'error' }]);
    const unknown = { ...question, graphID: `${'ab'.repeat(32)}.0` };
    expect(await ask('/requestForeignGASPNode', unknown)).toMatchObject([400, { code: 'output-unknown' }]);
  });
});
