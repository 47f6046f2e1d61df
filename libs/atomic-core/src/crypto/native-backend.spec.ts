import type * as Opening from './open-crypto';

/** A dependency of secp256k1 and of nothing of ours. */
const FALLBACK = 'elliptic';

/** As on a platform without a prebuilt binding: the load throws, and whoever asks for elliptic is seen. */
function openWithoutBinding(): { opening: typeof Opening; ellipticAsked: () => boolean } {
  let asked = false;
  let opening: typeof Opening | undefined;
  jest.isolateModules(() => {
    jest.doMock('secp256k1/bindings', () => {
      throw new Error('No native build was found for platform=plan9');
    });
    jest.doMock(FALLBACK, () => {
      asked = true;
      return {};
    });
    opening = require('./open-crypto') as typeof Opening;
  });
  if (opening === undefined) throw new Error('not loaded');
  return { opening, ellipticAsked: () => asked };
}

describe('the prebuilt binding, when it does not load', () => {
  it('is a reason, and never elliptic in its place', () => {
    const { opening, ellipticAsked } = openWithoutBinding();
    expect(() => opening.openCrypto('native')).toThrow('No native build was found');
    const { backend, faults } = opening.chooseCrypto({
      ...opening.CRYPTO_OPENERS,
      metal: () => {
        throw new Error('not built');
      },
    });
    expect(backend.kind).toBe('wasm');
    expect(faults).toEqual([
      { kind: 'metal', reason: 'not built' },
      { kind: 'native', reason: 'No native build was found for platform=plan9' },
    ]);
    expect(ellipticAsked()).toBe(false);
  });

  it('would be elliptic by the index of the package: the reason why it is not used', () => {
    let asked = false;
    jest.isolateModules(() => {
      jest.doMock('secp256k1/bindings', () => {
        throw new Error('No native build was found');
      });
      jest.doMock(FALLBACK, () => {
        asked = true;
        return {
          ec: class {
            readonly curve = { n: 0 };
          },
        };
      });
      require('secp256k1');
    });
    expect(asked).toBe(true);
  });
});
