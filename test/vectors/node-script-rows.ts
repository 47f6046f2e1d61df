import { type BeefGraph, computeTxid } from '#atomic-core';
import { NULL_TXID, buildGraph, buildTransaction } from '#testkit';
import { OP } from '@bsv/sdk';

/** A row of the node's script_tests.json: version of the spending transaction, unlocking script, locking script, flags, what the node answers, comment. */
export type NodeRow = readonly (string | readonly number[])[];

export interface NodeCase {
  /** Place of the row in the file: comments in it are rows too. */
  readonly row: number;
  readonly satoshis: number;
  readonly version: number;
  readonly unlocking: string;
  readonly locking: string;
  readonly flags: readonly string[];
  readonly expected: string;
}

export const readNodeCases = (rows: readonly NodeRow[]): NodeCase[] =>
  rows.flatMap((cells, row) => {
    if (cells.length === 1) return [];
    const satoshis = typeof cells[0] === 'string' ? 0 : (cells[0]?.[0] ?? 0);
    const [version = '', unlocking = '', locking = '', flags = '', expected = ''] = cells.filter(
      (cell) => typeof cell === 'string',
    );
    return [
      {
        ...{ row, satoshis, version: Number(version), unlocking, locking, expected },
        flags: flags.split(',').filter(Boolean),
      },
    ];
  });

const OPCODES = new Map(
  Object.entries(OP).flatMap(([name, code]) =>
    typeof code === 'number' && name.startsWith('OP_') ? [[name.slice(3), code] as const] : [],
  ),
);

const pushBytes = (bytes: Buffer): Buffer => {
  const width = bytes.length < 0x4c ? 0 : bytes.length < 0x100 ? 1 : bytes.length < 0x10000 ? 2 : 4;
  const head = Buffer.alloc(5);
  if (width === 0) return Buffer.concat([Buffer.of(bytes.length), bytes]);
  head[0] = 0x4c + (width >> 1);
  head.writeUIntLE(bytes.length, 1, width);
  return Buffer.concat([head.subarray(0, 1 + width), bytes]);
};

const pushNumber = (value: bigint): Buffer => {
  if (value === -1n || (value >= 1n && value <= 16n)) return Buffer.of(0x50 + Number(value));
  const bytes: number[] = [];
  for (let rest = value < 0n ? -value : value; rest > 0n; rest >>= 8n) bytes.push(Number(rest & 0xffn));
  if ((bytes.at(-1) ?? 0) >= 0x80) bytes.push(0);
  if (value < 0n) bytes.push((bytes.pop() ?? 0) | 0x80);
  return pushBytes(Buffer.from(bytes));
};

/** The notation of the node's tests: numbers, `'text'`, 0x bytes as they stand, names of opcodes. */
export const assemble = (text: string): Buffer =>
  Buffer.concat(
    text
      .split(/\s+/)
      .filter(Boolean)
      .map((word) => {
        if (/^-?\d+$/.test(word)) return pushNumber(BigInt(word));
        if (/^0x([0-9a-f]{2})+$/i.test(word)) return Buffer.from(word.slice(2), 'hex');
        if (/^'.*'$/.test(word)) return pushBytes(Buffer.from(word.slice(1, -1)));
        const code = OPCODES.get(word.replace(/^OP_/, ''));
        if (code === undefined) throw new Error(`no opcode is called ${word}`);
        return Buffer.of(code);
      }),
  );

/** The node's BuildCreditingTransaction and BuildSpendingTransaction. The input that spends has row 1. */
export const buildNodeSpend = ({ satoshis, version, unlocking, locking }: NodeCase): BeefGraph => {
  const credit = buildTransaction({
    inputs: [{ txid: NULL_TXID, vout: 0xffffffff, script: Buffer.of(0, 0) }],
    outputs: [{ satoshis, script: assemble(locking) }],
  });
  const spend = buildTransaction({
    version,
    inputs: [{ txid: computeTxid(credit.raw), script: assemble(unlocking) }],
    outputs: [{ satoshis, script: Buffer.alloc(0) }],
  });
  return buildGraph([credit.raw, spend.raw]);
};
