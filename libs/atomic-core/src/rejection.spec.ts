import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { accept, reject, rejections } from './rejection';

const rows = Object.entries(rejections);
const NEXT_OF_STATUS: Readonly<Record<number, readonly string[]>> = {
  400: ['fix', 'stop'],
  401: ['fix', 'stop'],
  402: ['pay'],
  403: ['fix', 'stop'],
  404: ['stop'],
  405: ['stop'],
  408: ['retry-same'],
  409: ['stop', 'retry-same'],
  413: ['fix'],
  415: ['fix'],
  422: ['stop', 'fix', 'retry-same'],
  429: ['retry-same'],
  431: ['fix'],
  500: ['retry-same'],
  503: ['retry-same'],
};

describe('the table of refusals', () => {
  it('names each code once (a second row of one name would silently replace the first)', () => {
    const source = readFileSync(join(__dirname, 'rejection.ts'), 'utf8');
    const written = [...source.matchAll(/^ {2}'([a-z0-9-]+)': row\(/gmu)].map(([, code]) => code);
    expect(written).toEqual(rows.map(([code]) => code));
    expect(new Set(written).size).toBe(written.length);
  });

  it.each(rows)('%s has a status from the closed set, with a next step that fits it', (code, { status, next }) => {
    expect(code).toMatch(/^[a-z]+(-[a-z]+)+$/u);
    expect(NEXT_OF_STATUS[status]).toContain(next);
  });

  it('says each thing once, in a sentence', () => {
    const sentences = rows.map(([, { sentence }]) => sentence);
    expect(new Set(sentences).size).toBe(sentences.length);
    for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z].*[^.]\.$/u);
  });

  it('answers the sentence when nothing more exact is known', () => {
    expect(reject('beef-malformed')).toEqual({
      ok: false,
      rejection: { code: 'beef-malformed', detail: rejections['beef-malformed'].sentence },
    });
    expect(accept(7)).toEqual({ ok: true, value: 7 });
  });
});
