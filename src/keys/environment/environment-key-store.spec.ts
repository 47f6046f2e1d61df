import { createEnvironmentKeyStore, readKeySetting } from '.';

const { signal } = new AbortController();
const A = '5a'.repeat(32);
const B = '5b'.repeat(32);
const octets = (hex: string): Buffer => Buffer.from(hex, 'hex');
const load = (text: string) => createEnvironmentKeyStore({ reveal: () => text }).loadKeys(signal);

describe('keys in the environment', () => {
  it('are one without times, or a list in a rotation', async () => {
    expect(await load(A.toUpperCase())).toEqual([{ root: octets(A), fromMs: 0, untilMs: undefined }]);
    const listed = JSON.stringify([
      { key: A, until: '2026-12-02T01:00:00+01:00' },
      { key: B, from: '2026-12-01T00:00:00Z' },
    ]);
    expect(await load(listed)).toEqual([
      { root: octets(A), fromMs: 0, untilMs: Date.parse('2026-12-02T00:00:00Z') },
      { root: octets(B), fromMs: Date.parse('2026-12-01T00:00:00Z'), untilMs: undefined },
    ]);
  });

  it.each([
    '',
    A.slice(1),
    `0x${A}`,
    '0'.repeat(64),
    'f'.repeat(64),
    '[]',
    '{}',
    JSON.stringify([{ key: A, more: 1 }]),
    JSON.stringify([{ key: A.slice(2) }]),
    JSON.stringify([{ key: A, until: 'tomorrow' }]),
    JSON.stringify(Array(65).fill({ key: A })),
    '[',
  ])('are not %j, and the refusal does not repeat it', async (text) => {
    expect(readKeySetting(text)).toBeUndefined();
    await expect(load(text)).rejects.toThrow('PORTCULLIS_IDENTITY_KEY holds no private key.');
  });

  it('cannot be changed from in here', () => {
    expect('replaceKeys' in createEnvironmentKeyStore({ reveal: () => A })).toBe(false);
  });
});
