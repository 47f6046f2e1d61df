import type { CryptoBackend } from './crypto-backend';
import type { CurveKeys } from './curve-keys';

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

/** The key 7 over SHA256("portcullis"), by RFC 6979; r begins with a zero octet, which is where encodings go wrong. */
const DIGEST = '74e19dcd5ceecfb9f1579fda3c43a847f3fad01c8606d85caa17242e9bc99f0e';
const R = '00ed87720c33984805b9c51dbc609d3b2841f59b2e6e62fa73fee5fb6d8ad25a';
const S = '1babe01dffbfcca95bf1a5601bb6e9ab8466275aa1b728b3265981758381eb0b';
const HIGH_S = 'e4541fe200403356a40e5a9fe44916533648b58c0d9177889978dd174cb45636';
const KEY = '025cbdf0646e5db4eaa398f365f2ea7a0e3d419b7e0330e39ce92bddedcac4f9bc';
/** The same with its last bit turned: another key or none, and another message. */
const OTHER_DIGEST = `${DIGEST.slice(0, -1)}f`;
const ABC_SHA256D = '4f8b42c22dd3729b519ba6f68d2da7cc5b2d606d05daed5ad5128cc03e6c6358';
const ABC_HASH160 = 'bb1be98c142444d7a56aa3981c3942a978e4dc33';
/** SHA256(SHA256(64 zero octets)). */
const ZERO_PAIR = 'e2f61c3f71d1defd3fa999dfa36953755c690689799962b48bebd836974e8cf9';

function testSignatures(backend: CryptoBackend): boolean {
  const verdicts = new Uint8Array([7, 7, 7]);
  backend.verifyBatch({
    count: 3,
    digests: bytesOf(DIGEST + OTHER_DIGEST + DIGEST),
    signatures: bytesOf(R + S + R + S + R + HIGH_S),
    keyBytes: bytesOf(KEY),
    keySpans: new Uint32Array([0, 33, 0, 33, 0, 33]),
    verdicts,
  });
  return verdicts[0] === 1 && verdicts[1] === 0 && verdicts[2] === 1;
}

function testHashes(backend: CryptoBackend): boolean {
  const abc = new Uint8Array([0x61, 0x62, 0x63]);
  const span = new Uint32Array([0, 3]);
  const sha256d = new Uint8Array(32);
  const hash160 = new Uint8Array(20);
  const nodes = new Uint8Array(96);
  backend.sha256dSpans(abc, span, 1, sha256d);
  backend.hash160Spans(abc, span, 1, hash160);
  backend.hashPairs(nodes, new Uint32Array([0, 1, 2]), 1);
  const hex = [sha256d, hash160, nodes.subarray(64)].map((digest) => Buffer.from(digest).toString('hex')).join(' ');
  return hex === [ABC_SHA256D, ABC_HASH160, ZERO_PAIR].join(' ');
}

/**
 * Known answers, asked of every backend before it is used: a binary of another machine, a wrong build or a changed library that loads and answers wrongly
 * would let anyone spend anything. Throws when one is wrong.
 */
export function testBackend(backend: CryptoBackend): CryptoBackend {
  if (!testSignatures(backend)) throw new Error(`${backend.label} judges known signatures wrongly`);
  if (!testHashes(backend)) throw new Error(`${backend.label} computes known hashes wrongly`);
  return backend;
}

const scalar = (value: number): Uint8Array => bytesOf(value.toString(16).padStart(64, '0'));

/** The same for arithmetic with keys: a wrong sum would be an identity that nobody else derives. */
export function testCurveKeys(curve: CurveKeys): CurveKeys {
  const seven = bytesOf(KEY);
  const hex = (octets: Uint8Array): string => Buffer.from(octets).toString('hex');
  const answers = [
    hex(curve.publicKeyOf(scalar(7))) === KEY,
    hex(curve.multiply(seven, scalar(5))) === hex(curve.publicKeyOf(scalar(35))),
    hex(curve.addToSecret(scalar(7), scalar(5))) === hex(scalar(12)),
    hex(curve.addToPoint(seven, scalar(5))) === hex(curve.publicKeyOf(scalar(12))),
    hex(curve.sign(bytesOf(DIGEST), scalar(7))) === R + S,
    curve.isPoint(seven) && !curve.isPoint(new Uint8Array(33)),
  ];
  if (answers.includes(false)) throw new Error(`${curve.label} computes known keys wrongly`);
  return curve;
}
