import { PrivateKey } from '@bsv/sdk';
import { readAddress } from './read-address';

const key = PrivateKey.fromHex('33'.repeat(32)).toPublicKey();
const hash = Uint8Array.from(key.toHash() as number[]);
const [main, test] = [key.toAddress(), key.toAddress('testnet')];

describe('an address', () => {
  it('is read as the hash that it is, on its network alone', () => {
    expect([readAddress(main, 'mainnet'), readAddress(test, 'testnet')]).toEqual([hash, hash]);
    expect([readAddress(main, 'devnet'), readAddress(test, 'devnet')]).toEqual([hash, hash]);
    expect([readAddress(test, 'mainnet'), readAddress(main, 'testnet')]).toEqual([undefined, undefined]);
  });

  it.each([
    ...['', '1', 'nowhere', main.slice(1), `${main.slice(0, -1)}${main.endsWith('1') ? '2' : '1'}`, ` ${main}`],
    // Of a script, and of a private key.
    ...['3P14159f73E4gFr7JterCCQh9QjiTjiZrG', PrivateKey.fromHex('33'.repeat(32)).toWif()],
  ])('is not %j', (text) => {
    expect(readAddress(text, 'mainnet')).toBeUndefined();
  });
});
