import { computeTxid, isTxid, makeOutpoint, printOutpoint, readOutpoint, txidFromWire, txidToWire } from './bytes';

const GENESIS_COINBASE =
  '01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff4d04ffff001d0104455468652054696d65732030332f4a616e2f32303039204368616e63656c6c6f72206f6e206272696e6b206f66207365636f6e64206261696c6f757420666f722062616e6b73ffffffff0100f2052a01000000434104678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5fac00000000';
const GENESIS_TXID = '4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b';

describe('byte order', () => {
  const txid = computeTxid(Buffer.from(GENESIS_COINBASE, 'hex'));

  it('shows a txid in display order and sends it in wire order', () => {
    expect(txid).toBe(GENESIS_TXID);
    expect(txidToWire(txid).toString('hex')).toBe('3ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a');
    expect(txidFromWire(txidToWire(txid))).toBe(txid);
  });

  it('leaves the bytes that it reads as they were', () => {
    const wire = txidToWire(txid);
    txidFromWire(wire);
    expect(wire).toEqual(txidToWire(txid));
  });

  it('writes an outpoint as 36 bytes and reads it back, from any place in a buffer', () => {
    const outpoint = makeOutpoint(txid, 0xfffffffe);
    expect(outpoint).toHaveLength(36);
    expect([...outpoint.subarray(32)]).toEqual([0xfe, 0xff, 0xff, 0xff]);
    const within = Buffer.concat([Buffer.alloc(7, 0xaa), outpoint, Buffer.alloc(7, 0xaa)]).subarray(7, 43);
    expect(readOutpoint(within)).toEqual({ txid, vout: 0xfffffffe });
    expect(printOutpoint(within)).toBe(`${GENESIS_TXID}.4294967294`);
  });

  it.each([GENESIS_TXID.toUpperCase(), GENESIS_TXID.slice(1), `${GENESIS_TXID}0`, `${GENESIS_TXID}\n`, ''])(
    'takes %j for no txid: one transaction has one name',
    (text) => expect(isTxid(text)).toBe(false),
  );
});
