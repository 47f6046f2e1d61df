import { limits } from '#atomic-core';
import { splitOffChainValues } from './split-off-chain-values';

const beef = Buffer.concat([Buffer.from('0200beef', 'hex'), Buffer.alloc(300, 7)]);
const values = Buffer.from('deadbeef', 'hex');
const varint = (length: number): Buffer => {
  if (length < 0xfd) return Buffer.of(length);
  const octets = Buffer.alloc(3, 0xfd);
  octets.writeUInt16LE(length, 1);
  return octets;
};

describe('the octets of a submission', () => {
  it('are a BEEF where nothing else is announced', () => {
    expect(splitOffChainValues(beef, false)).toEqual({ ok: true, value: { beef } });
    const behind = Buffer.concat([varint(beef.length), beef, values]);
    expect(splitOffChainValues(behind, false)).toMatchObject({ rejection: { code: 'beef-malformed' } });
  });

  it('are length, BEEF and values as the SDK writes them', () => {
    const octets = Buffer.concat([varint(beef.length), beef, values]);
    expect(splitOffChainValues(octets, true)).toEqual({ ok: true, value: { beef, offChainValues: values } });
  });

  it('may announce values and have none', () => {
    const octets = Buffer.concat([varint(beef.length), beef]);
    expect(splitOffChainValues(octets, true)).toEqual({ ok: true, value: { beef, offChainValues: Buffer.alloc(0) } });
  });

  it('are taken the other way round too, as the conformance vectors have them, where that is the only meaning', () => {
    const octets = Buffer.concat([varint(values.length), values, beef]);
    expect(splitOffChainValues(octets, true)).toEqual({ ok: true, value: { beef, offChainValues: values } });
  });

  it('are read as the SDK writes them where both ways have a meaning', () => {
    const other = Buffer.from('0100beef00', 'hex');
    const octets = Buffer.concat([varint(other.length), other, beef]);
    expect(splitOffChainValues(octets, true)).toEqual({ ok: true, value: { beef: other, offChainValues: beef } });
  });

  it.each([
    ['nothing at all', Buffer.alloc(0)],
    ['a length cut off', Buffer.of(0xfd, 1)],
    ['a length that is not the shortest', Buffer.concat([Buffer.of(0xfd, 4, 0), values, beef])],
    ['a length of four bytes that two hold', Buffer.concat([Buffer.of(0xfe, 0, 1, 0, 0), beef])],
    ['a length beyond the end', Buffer.concat([varint(beef.length + 1), beef])],
    ['a length of eight bytes', Buffer.concat([Buffer.alloc(9, 0xff), beef])],
  ])('are refused with %s', (_what, octets) => {
    expect(splitOffChainValues(octets, true)).toMatchObject({ rejection: { code: 'request-malformed' } });
  });

  it('are refused where neither part is a BEEF', () => {
    expect(splitOffChainValues(Buffer.concat([varint(4), values, values]), true)).toMatchObject({
      rejection: { code: 'beef-malformed' },
    });
  });

  it('hold a bounded amount of values', () => {
    const bounded = Buffer.alloc(limits.OFF_CHAIN_BYTES_MAX + 1);
    const most = Buffer.concat([varint(beef.length), beef, bounded.subarray(1)]);
    expect(splitOffChainValues(most, true)).toMatchObject({ ok: true });
    const more = Buffer.concat([varint(beef.length), beef, bounded]);
    expect(splitOffChainValues(more, true)).toMatchObject({ rejection: { code: 'request-malformed' } });
  });
});
