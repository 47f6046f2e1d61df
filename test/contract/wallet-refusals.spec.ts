import { Beef, WERR_INVALID_PARAMETER } from '@bsv/sdk';
import { expectSound, insertion, keep, mint, openWallet, post, type Made } from './baskets-rig';
import { SubmissionsRig, type Caller } from './submissions-rig';

describe('a host of baskets refuses in the words of BRC-100', () => {
  let rig: SubmissionsRig;
  let keeper: Caller;
  let stranger: Caller;
  let host: ReturnType<typeof openWallet>;
  let made: Made;

  beforeAll(async () => {
    rig = await SubmissionsRig.open();
    keeper = await rig.openCaller();
    stranger = await rig.openCaller();
    host = openWallet(rig.url, keeper.authFetch);
    made = await mint(keeper, 5);
    await keep(keeper, made, 1, 'tokens');
  }, 120_000);
  afterAll(async () => {
    await expectSound(rig);
    await rig.close();
  }, 60_000);

  const base = () => ({ tx: made.tx, outputs: [insertion(4, 'tokens')], description: 'tokens received' });
  const refusals: [string, string, () => Record<string, unknown>][] = [
    [
      'a wallet payment: it holds no keys',
      'outputs[0].protocol',
      () => ({
        outputs: [
          {
            outputIndex: 4,
            protocol: 'wallet payment',
            paymentRemittance: {
              derivationPrefix: 'AA==',
              derivationSuffix: 'AA==',
              senderIdentityKey: stranger.wallet.identityKey,
            },
          },
        ],
      }),
    ],
    [
      'an insertion without its remittance',
      'outputs[0].insertionRemittance',
      () => ({ outputs: [{ outputIndex: 4, protocol: 'basket insertion' }] }),
    ],
    ['the basket of change', 'outputs[0].insertionRemittance', () => ({ outputs: [insertion(4, 'default')] })],
    [
      'a tag of nothing',
      'outputs[0].insertionRemittance',
      () => ({ outputs: [insertion(4, 'tokens', { tags: [' '] })] }),
    ],
    [
      'instructions that are a document',
      'outputs[0].insertionRemittance',
      () => ({ outputs: [insertion(4, 'tokens', { customInstructions: 'x'.repeat(4_097) })] }),
    ],
    [
      'an output twice',
      'outputs[1].outputIndex',
      () => ({ outputs: [insertion(4, 'tokens'), insertion(4, 'others')] }),
    ],
    ['an output that is not there', 'outputs', () => ({ outputs: [insertion(400, 'tokens')] })],
    ['no outputs', 'outputs', () => ({ outputs: [] })],
    ['an unknown protocol', 'outputs', () => ({ outputs: [{ outputIndex: 4, protocol: 'gift' }] })],
    ['too short a description', 'description', () => ({ description: 'four' })],
    ['a label of nothing', 'labels', () => ({ labels: [''] })],
    ['no transaction', 'tx', () => ({ tx: undefined })],
    ['a transaction in hex', 'tx', () => ({ tx: Buffer.from(made.tx).toString('hex') })],
    ['numbers that are no octets', 'tx', () => ({ tx: [...made.tx.slice(0, -1), 256] })],
    ['a BEEF that is not Atomic', 'tx', () => ({ tx: made.tx.slice(36) })],
    ['half a transaction', 'tx', () => ({ tx: made.tx.slice(0, -10) })],
    ['a script that does not hold', 'tx', () => ({ tx: breakSignature(made.tx) })],
    [
      'a transaction where an output stands',
      'tx',
      () => ({ tx: '', outputs: [{ ...insertion(4, 'tokens'), tx: made.tx }] }),
    ],
  ];
  it.each(refusals)('%s', async (_, parameter, over) => {
    const before = await rig.countAll();
    const answer = await post(keeper, '/v1/wallet/internalizeAction', { ...base(), ...over() });
    expect([answer.status, answer.json]).toMatchObject([
      400,
      {
        isError: true,
        name: 'WERR_INVALID_PARAMETER',
        code: 6,
        parameter,
        message: expect.any(String),
        problem: { requestId: expect.any(String) },
      },
    ]);
    const { outbox: _outbox, settlement_event: _events, ...after } = await rig.countAll();
    expect(before).toMatchObject(after);
  });

  it('as the error class of the SDK, with a message for people', async () => {
    const refusal = host.listOutputs({ basket: 'default' });
    await expect(refusal).rejects.toThrow(WERR_INVALID_PARAMETER);
    await expect(refusal).rejects.toMatchObject({ parameter: 'basket', message: expect.stringContaining('BRC-46') });
    await expect(host.listOutputs({ basket: 'tokens', limit: 10_001 })).rejects.toMatchObject({ parameter: 'limit' });
    await expect(host.listOutputs({ basket: 'tokens', tags: ['a\u0000b'] })).rejects.toMatchObject({
      parameter: 'tags',
    });
    await expect(host.relinquishOutput({ basket: 'tokens', output: 'nonsense' })).rejects.toMatchObject({
      parameter: 'output',
    });
  });

  it('what is no argument’s fault with its own status and a message', async () => {
    const moved = await post(keeper, '/v1/wallet/internalizeAction', {
      ...base(),
      outputs: [insertion(0, 'elsewhere')],
    });
    expect([moved.status, moved.json]).toMatchObject([
      409,
      { code: 'already-applied', isError: true, message: expect.stringContaining('another basket') },
    ]);
    await expect(host.internalizeAction({ ...base(), outputs: [insertion(0, 'elsewhere')] })).rejects.toThrow(
      'already-applied',
    );
    const text = await keeper.call('/v1/wallet/listOutputs', {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: '{}',
    });
    expect([text.status, text.json['code']]).toEqual([415, 'media-type-unsupported']);
  });

  it('calls that need keys: they are not there', async () => {
    const wallet = openWallet(rig.url, keeper.authFetch);
    await expect(wallet.createAction({ description: 'no keys here' })).rejects.toThrow('HTTP Client error 404');
  });
});

/** Turns one byte of the last unlocking script of the subject: the signature is of another message. */
function breakSignature(tx: readonly number[]): number[] {
  const transaction = Beef.fromBinary([...tx]).findAtomicTransaction(
    Buffer.from(tx.slice(4, 36)).reverse().toString('hex'),
  )!;
  const script = transaction.inputs[0]!.unlockingScript!.toBinary();
  const at = Buffer.from(tx).lastIndexOf(Buffer.from(script));
  return tx.map((octet, place) => (place === at + 20 ? octet ^ 1 : octet));
}
