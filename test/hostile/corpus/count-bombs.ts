import type { Txid } from '#atomic-core';
import { buildAtomicBeef, uint, varint } from '#testkit';

/** H1 (PROTOCOLS B1): seven places for a count, three sizes of lie, three encodings of BEEF. Made here; ten bytes of this kind end a process that uses the SDK. */
const HUGE = ['fdffff', 'feffffffff', 'ffffffffffffffff7f'].map((hex) => Buffer.from(hex, 'hex'));
const SUBJECT = '7'.repeat(64) as Txid;

const transactionHead = Buffer.concat([uint(1, 4), varint(1), Buffer.alloc(36)]);
const inputsOf = Buffer.concat([transactionHead, varint(0), uint(0, 4)]);

const bodiesWith = (count: Buffer): [string, Buffer, Buffer][] => [
  ['BUMPs', count, count],
  ['transactions', Buffer.concat([varint(0), count]), Buffer.concat([varint(0), count])],
  [
    'nodes of a BUMP',
    Buffer.concat([varint(1), varint(5), uint(1, 1), count]),
    Buffer.concat([varint(1), varint(5), uint(1, 1), count]),
  ],
  ...[
    ['inputs', Buffer.concat([uint(1, 4), count])] as const,
    ['bytes of an unlocking script', Buffer.concat([transactionHead, count])] as const,
    ['outputs', Buffer.concat([inputsOf, count])] as const,
    ['bytes of a locking script', Buffer.concat([inputsOf, varint(1), uint(0, 8), count])] as const,
  ].map(([what, raw]): [string, Buffer, Buffer] => [
    what,
    Buffer.concat([varint(0), varint(1), raw, Buffer.alloc(12)]),
    Buffer.concat([varint(0), varint(1), uint(0, 1), raw, Buffer.alloc(12)]),
  ]),
];

export const countBombs: readonly (readonly [string, Buffer])[] = HUGE.flatMap((count) =>
  bodiesWith(count).map(([what, v1, v2]) => [`${count.length} bytes for the ${what}`, v1, v2] as const),
).flatMap(([what, v1, v2]): [string, Buffer][] => [
  [`V1, ${what}`, Buffer.concat([Buffer.from('0100beef', 'hex'), v1])],
  [`V2, ${what}`, Buffer.concat([Buffer.from('0200beef', 'hex'), v2])],
  [`Atomic, ${what}`, buildAtomicBeef(SUBJECT, Buffer.concat([Buffer.from('0200beef', 'hex'), v2]))],
]);
