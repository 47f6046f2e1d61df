import { readCallback } from './read-callback';

const txid = 'ab'.repeat(32);
const refused = { ok: false, rejection: { code: 'request-malformed' } };

describe('readCallback', () => {
  it('reads one status', () => {
    expect(readCallback({ txid, txStatus: 'MINED', blockHash: 'x', merklePath: '00fF' })).toEqual({
      ok: true,
      value: [{ txid, bump: Buffer.from('00ff', 'hex') }],
    });
  });
  it('reads a batch', () => {
    expect(
      readCallback({
        count: 2,
        callbacks: [
          { txid, txStatus: 'SEEN_ON_NETWORK' },
          { txid, merklePath: '' },
        ],
      }),
    ).toEqual({
      ok: true,
      value: [
        { txid, bump: undefined },
        { txid, bump: undefined },
      ],
    });
  });
  it('reads an empty batch', () => expect(readCallback({ count: 0, callbacks: [] })).toEqual({ ok: true, value: [] }));
  it.each([
    null,
    1,
    'x',
    [],
    [{ txid }],
    {},
    { txid: 'short' },
    { txid: txid.toUpperCase() },
    { callbacks: {} },
    { callbacks: [1] },
    { callbacks: [null] },
  ])('refuses %j', (value) => expect(readCallback(value)).toMatchObject(refused));
  it('refuses a batch of 51', () => {
    expect(readCallback({ callbacks: Array.from({ length: 50 }, () => ({ txid })) }).ok).toBe(true);
    expect(readCallback({ callbacks: Array.from({ length: 51 }, () => ({ txid })) })).toMatchObject(refused);
  });
  it.each(['zz', 'f', 5, null, { a: 1 }])('takes a Merkle path of %j for none', (merklePath) => {
    expect(readCallback({ txid, merklePath })).toEqual({ ok: true, value: [{ txid, bump: undefined }] });
  });
});
