import { openNonces } from './nonces';

const nonces = openNonces(Buffer.alloc(32, 2));
const others = openNonces(Buffer.alloc(32, 3));
const random = Buffer.alloc(16, 5);
const [mine, theirs] = [`02${'11'.repeat(32)}`, `03${'11'.repeat(32)}`];

/** Every nonce that differs from this one in one octet. */
const damage = (nonce: string): string[] => {
  const octets = Buffer.from(nonce, 'base64');
  return [...octets].map((octet, place) => {
    const copy = Buffer.from(octets);
    copy[place] = octet ^ 1;
    return copy.toString('base64');
  });
};

describe('a session nonce', () => {
  const nonce = nonces.makeSessionNonce(random, mine);

  it('is own for the identity that it was made for, and foreign for every other', () => {
    expect(nonces.judgeSessionNonce(nonce, mine)).toBe('own');
    expect(nonces.judgeSessionNonce(nonce, theirs)).toBe('foreign');
  });

  it('is unknown where another key made it, and for another purpose than it was made for', () => {
    expect(others.judgeSessionNonce(nonce, mine)).toBe('unknown');
    expect(nonces.judgeSessionNonce(nonces.makeQuoteNonce(random), mine)).toBe('unknown');
    expect(nonces.isQuoteNonce(nonce)).toBe(false);
  });

  it('is never own with one octet changed, and unknown in another spelling or of another length', () => {
    expect(damage(nonce).filter((changed) => nonces.judgeSessionNonce(changed, mine) === 'own')).toEqual([]);
    for (const spelled of ['', `${nonce}\n`, nonce.slice(0, -4), `${nonce}AAAA`, ` ${nonce}`])
      expect([spelled, nonces.judgeSessionNonce(spelled, mine)]).toEqual([spelled, 'unknown']);
  });

  it('takes 16 octets of chance', () => {
    expect(() => nonces.makeSessionNonce(Buffer.alloc(15), mine)).toThrow('16 random octets');
  });
});

describe('a quote nonce', () => {
  const nonce = nonces.makeQuoteNonce(random);

  it('is ours only with our MAC', () => {
    expect(nonces.isQuoteNonce(nonce)).toBe(true);
    expect(others.isQuoteNonce(nonce)).toBe(false);
    expect(damage(nonce).filter((changed) => nonces.isQuoteNonce(changed))).toEqual([]);
    expect(nonces.isQuoteNonce('')).toBe(false);
  });
});
