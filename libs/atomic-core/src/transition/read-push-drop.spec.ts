import { PrivateKey, ProtoWallet, PushDrop, type WalletInterface } from '@bsv/sdk';
import * as fc from 'fast-check';
import { readPushDrop } from './read-push-drop';

const wallet = new ProtoWallet(PrivateKey.fromHex('11'.repeat(32))) as unknown as WalletInterface;
const lock = async (fields: number[][]): Promise<Uint8Array> =>
  (await new PushDrop(wallet).lock([...fields], [2, 'some tokens'], '1', 'self', true, false)).toUint8Array();
const hex = (fields: readonly Uint8Array[]): string[] => fields.map((field) => Buffer.from(field).toString('hex'));

describe('readPushDrop', () => {
  it('reads what the SDK writes, at every push size', async () => {
    const sizes = [1, 2, 32, 75, 76, 255, 256, 1_000];
    const fields = sizes.map((size) => new Array<number>(size).fill(0xaa));
    const read = readPushDrop(await lock(fields));
    expect(hex(read?.fields ?? [])).toEqual(hex(fields.map((field) => Uint8Array.from(field))));
    expect(read?.lockingKey).toHaveLength(33);
  });

  it('reads every one-byte field, which has six encodings', async () => {
    for (let byte = 0; byte < 256; byte += 1) {
      expect(hex(readPushDrop(await lock([[byte], [1, 2]]))?.fields ?? [])[0]).toBe(byte.toString(16).padStart(2, '0'));
    }
  });

  it('refuses every prefix, every added byte and every second encoding', async () => {
    const script = await lock([[...Buffer.from('order')], [5], new Array<number>(80).fill(1)]);
    for (let length = 0; length < script.length; length += 1)
      expect(readPushDrop(script.subarray(0, length))).toBeUndefined();
    for (const byte of [0x00, 0x6d, 0x75, 0xac]) expect(readPushDrop(Uint8Array.of(...script, byte))).toBeUndefined();
    const head = script.subarray(0, 35);
    const tails = [
      '0105' + '75',
      '4c0105' + '75',
      '4d0100aa' + '75',
      '4c02aabb' + '75',
      '0181' + '75',
      '02aabb7575',
      '02aabb6d',
      '4e01000000aa75',
    ];
    for (const tail of tails)
      expect([tail, readPushDrop(Buffer.concat([head, Buffer.from(tail, 'hex')]))]).toEqual([tail, undefined]);
    expect(readPushDrop(Buffer.concat([head, Buffer.from('02aabb75', 'hex')]))).toBeDefined();
  });

  it('refuses 65 fields', async () => {
    expect(readPushDrop(await lock(new Array(64).fill([1, 2])))?.fields).toHaveLength(64);
    expect(readPushDrop(await lock(new Array(65).fill([1, 2])))).toBeUndefined();
  });

  it('never throws, whatever the bytes', async () => {
    const script = await lock([[1, 2, 3], [4]]);
    const mutated = fc
      .tuple(fc.nat(script.length - 1), fc.nat(255))
      .map(([at, byte]) => Uint8Array.from(script).fill(byte, at, at + 1));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated), (bytes) => {
        readPushDrop(bytes);
      }),
    );
  });
});
