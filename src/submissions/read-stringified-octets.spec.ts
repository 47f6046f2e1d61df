import { readStringifiedOctets } from './read-stringified-octets';

const octets = Buffer.from([1, 0, 190, 239, 0, 255, 10]);
const read = (text: string): Buffer | undefined => readStringifiedOctets(Buffer.from(text));

describe('readStringifiedOctets', () => {
  it.each([
    ['a number[]', [...octets]],
    ['a Uint8Array', new Uint8Array(octets)],
    ['a Buffer', octets],
  ])('reads what JSON.stringify makes of %s', (_, body) => {
    expect(read(JSON.stringify(body))).toEqual(octets);
  });

  it.each([
    '',
    '[',
    '[]',
    '{}',
    '[1,]',
    '[1',
    '[1]x',
    '[1]]',
    '[256]',
    '[01]',
    '[-1]',
    '[1.5]',
    '[1, 2]',
    '[1e1]',
    '[1000]',
    '{"0":1,"2":1}',
    '{"0":1,1}',
    '{"1":1}',
    '{"0":1]',
    '{"type":"Buffer","data":[1]',
    '{"type":"Buffer","data":[]}',
    'hello',
  ])('refuses %s', (text) => {
    expect(read(text)).toBeUndefined();
  });
});
