import {
  AuthFetch,
  Beef,
  HTTPWalletJSON,
  WERR_INVALID_PARAMETER,
  type ListOutputsArgs,
  type WalletInterface,
} from '@bsv/sdk';
import {
  expectSound,
  insertion,
  keep,
  lockTo,
  mint,
  openWallet,
  post,
  spendTokens,
  TOKEN_SATOSHIS,
  type Made,
} from './baskets-rig';
import { SubmissionsRig, type Caller } from './submissions-rig';

describe('the gateway as a host of baskets for unmodified HTTPWalletJSON of @bsv/sdk', () => {
  let rig: SubmissionsRig;
  let keeper: Caller;
  let stranger: Caller;
  let host: Pick<WalletInterface, 'internalizeAction' | 'listOutputs' | 'relinquishOutput'>;
  let made: Made;

  beforeAll(async () => {
    rig = await SubmissionsRig.open();
    keeper = await rig.openCaller();
    stranger = await rig.openCaller();
    host = openWallet(rig.url, keeper.authFetch);
    made = await mint(keeper, 5);
  }, 120_000);
  afterEach(() => expectSound(rig));
  afterAll(() => rig.close(), 60_000);

  const outpoint = (vout: number): string => `${made.txid}.${vout}`;
  const internalize = (outputs: Parameters<typeof insertion>[], labels?: string[]) =>
    host.internalizeAction({
      tx: made.tx,
      outputs: outputs.map((output) => insertion(...output)),
      description: 'tokens received',
      ...(labels && { labels }),
    });
  const list = (args: Partial<ListOutputsArgs> = {}) => host.listOutputs({ basket: 'tokens', ...args });
  const vouts = async (args: Partial<ListOutputsArgs>): Promise<number[]> =>
    (await list(args)).outputs.map((output) => Number(output.outpoint.split('.')[1]));

  it('cannot be called by AuthFetch without leaving out what BRC-104 does not sign: the stock pair throws before anything is sent', async () => {
    const stock = new AuthFetch(keeper.purse);
    const direct = new HTTPWalletJSON('erp.example', `${rig.url}/v1/wallet`, stock.fetch.bind(stock) as typeof fetch);
    await expect(direct.listOutputs({ basket: 'tokens' })).rejects.toThrow('Unsupported header');
  });

  it('internalizes basket insertions with tags, instructions and labels, and gives them to the network', async () => {
    const answer = await internalize(
      [
        [0, 'Tokens', { tags: ['Red', 'round'], customInstructions: '{"keyID":"1"}' }],
        [1, 'tokens', { tags: ['red'] }],
        [2, 'tokens'],
      ],
      ['Bought', 'lot 7'],
    );
    expect(answer).toEqual({ accepted: true });
    expect((await keeper.call(`/v1/submissions/${made.txid}`)).json).toMatchObject({ txid: made.txid, admittance: {} });
  });

  it('merges what it knows with what it does not: accepted again, the new output added, the old ones as they are', async () => {
    expect(
      await internalize(
        [
          [2, 'tokens'],
          [3, 'tokens', { tags: ['blue', 'round'] }],
        ],
        ['lot 8'],
      ),
    ).toEqual({ accepted: true });
    expect(
      await internalize(
        [
          [2, 'tokens'],
          [3, 'tokens', { tags: ['blue', 'round'] }],
        ],
        ['lot 8'],
      ),
    ).toEqual({ accepted: true });
    expect(await vouts({})).toEqual([0, 1, 2, 3]);
  });

  it('lists in the exact shape of BRC-100: nothing that was not asked for', async () => {
    const { totalOutputs, outputs, ...rest } = await list();
    expect([totalOutputs, rest]).toEqual([4, {}]);
    expect(outputs[0]).toEqual({ outpoint: outpoint(0), satoshis: TOKEN_SATOSHIS, spendable: true });
  });

  it('tells scripts, instructions, tags and labels when asked', async () => {
    const asked = { includeCustomInstructions: true, includeTags: true, includeLabels: true } as const;
    const { outputs } = await list({ include: 'locking scripts', ...asked });
    expect(outputs.slice(0, 3)).toEqual([
      {
        outpoint: outpoint(0),
        satoshis: TOKEN_SATOSHIS,
        spendable: true,
        lockingScript: lockTo(keeper).toHex(),
        customInstructions: '{"keyID":"1"}',
        tags: ['red', 'round'],
        labels: ['bought', 'lot 7', 'lot 8'],
      },
      expect.objectContaining({ outpoint: outpoint(1), tags: ['red'] }),
      expect.objectContaining({ outpoint: outpoint(2), tags: [] }),
    ]);
  });

  it.each<[Partial<ListOutputsArgs>, number[]]>([
    [{ tags: ['red'] }, [0, 1]],
    [{ tags: [' ROUND ', 'red'], tagQueryMode: 'all' }, [0]],
    [{ tags: ['round', 'red'], tagQueryMode: 'any' }, [0, 1, 3]],
    [{ tags: ['green'] }, []],
    [{ limit: 2 }, [0, 1]],
    [{ limit: 2, offset: 1 }, [1, 2]],
    [{ offset: 9 }, []],
    [{ offset: -1, limit: 3 }, [3, 2, 1]],
    [{ offset: -3 }, [1, 0]],
    [{ tags: ['round'], offset: -1, limit: 1 }, [3]],
  ])('lists %j', async (args, wanted) => expect(await vouts(args)).toEqual(wanted));

  it('gives one BEEF of all outputs, that the SDK finds valid and a wallet spends from', async () => {
    const { BEEF, outputs } = await list({ include: 'entire transactions' });
    const beef = Beef.fromBinary(BEEF!);
    expect([beef.isValid(), beef.findTxid(made.txid) !== undefined]).toEqual([true, true]);
    expect(outputs.every((output) => output.lockingScript === undefined)).toBe(true);
    const spent = await spendTokens(keeper, {
      wallet: await rig.openTwin(keeper),
      inputBEEF: [...BEEF!],
      outpoints: [outpoint(3)],
      outputs: [{ satoshis: TOKEN_SATOSHIS, lockingScript: lockTo(keeper).toHex() }],
    });
    const { accepted } = await host.internalizeAction({
      tx: spent.tx,
      outputs: [insertion(0, 'spent')],
      description: 'moved on',
    });
    expect([accepted, await vouts({})]).toEqual([true, [0, 1, 2]]);
    expect((await list({ basket: 'spent' })).outputs.map((each) => each.outpoint)).toEqual([`${spent.txid}.0`]);
  });

  it('relinquishes, and takes back what is internalized again', async () => {
    expect(await host.relinquishOutput({ basket: 'tokens', output: outpoint(1) })).toEqual({ relinquished: true });
    expect(await vouts({})).toEqual([0, 2]);
    await expect(host.relinquishOutput({ basket: 'tokens', output: outpoint(1) })).rejects.toMatchObject({
      parameter: 'output',
    });
    expect(await internalize([[1, 'tokens', { tags: ['red'] }]])).toEqual({ accepted: true });
    expect(await vouts({ tags: ['red'] })).toEqual([0, 1]);
  });

  it('keeps another organisation apart: its baskets are empty, and the same output may be in one of its own', async () => {
    const theirs = openWallet(rig.url, stranger.authFetch);
    expect(await theirs.listOutputs({ basket: 'tokens' })).toEqual({ totalOutputs: 0, outputs: [] });
    await expect(theirs.relinquishOutput({ basket: 'tokens', output: outpoint(0) })).rejects.toThrow(
      WERR_INVALID_PARAMETER,
    );
    expect(
      await theirs.internalizeAction({ tx: made.tx, outputs: [insertion(4, 'seen')], description: 'seen it too' }),
    ).toEqual({ accepted: true });
    expect(await vouts({})).toEqual(expect.not.arrayContaining([4]));
  });

  it('reads a transaction between any blanks, and keeps the limits of the door for the rest', async () => {
    const later = await mint(keeper, 1);
    const spaced = JSON.stringify({ outputs: [insertion(0, 'tokens')], description: 'spaced out', labels: [] });
    const body = `{ "tx" : [ ${later.tx.join(' ,\n')} ] ,${spaced.slice(1)}`;
    const call = (text: string) =>
      keeper.call('/v1/wallet/internalizeAction', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: text,
      });
    expect((await call(body)).text).toBe('{"accepted":true}');
    const many = `[${'0,'.repeat(20_000)}0]`;
    expect((await call(`{"more":${many},${body.slice(1)}`)).json).toMatchObject({ code: 6, parameter: 'args' });
  });

  it('keeps apart what is kept by many calls at once', async () => {
    const wide = await mint(keeper, 3);
    await Promise.all(
      [0, 1, 2].map((vout) =>
        post(keeper, '/v1/wallet/internalizeAction', {
          tx: wide.tx,
          outputs: [insertion(vout, 'wide')],
          description: 'all at once',
        }),
      ),
    );
    await keep(keeper, wide, 3, 'wide');
    expect((await list({ basket: 'wide' })).totalOutputs).toBe(3);
  });
});
