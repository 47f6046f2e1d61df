import { type BeefGraph, sha256d } from '#atomic-core';

/** A reader of transactions that takes what the core would refuse: the vectors of the node hold transactions that no block could. */
const scanTransaction = (raw: Buffer, base: number) => {
  let at = 4;
  const readCount = (): number => {
    const head = raw[at++] ?? 0;
    const width = head < 0xfd ? 0 : head === 0xfd ? 2 : 4;
    at += width;
    return width === 0 ? head : raw.readUIntLE(at - width, width);
  };
  const inputs: number[] = [];
  const outputs: number[] = [];
  const inputCount = readCount();
  for (let index = 0; index < inputCount; index++) {
    const outpoint = at;
    at += 36;
    const length = readCount();
    inputs.push(base + outpoint, base + at, base + at + length);
    at += length + 4;
  }
  const outputCount = readCount();
  for (let index = 0; index < outputCount; index++) {
    const value = at;
    at += 8;
    const length = readCount();
    outputs.push(base + value, base + at, base + at + length);
    at += length;
  }
  return { inputs, outputs, inputCount, outputCount, end: base + at + 4 };
};

/** A graph of these raw transactions, parents first, without a proof and without any rule asked: for tests of what comes after reading. */
export const buildGraph = (raws: readonly Uint8Array[]): BeefGraph => {
  const bytes = Buffer.concat(raws);
  const rows = {
    transactions: [] as number[],
    inputs: [] as number[],
    outputs: [] as number[],
    parents: [] as number[],
  };
  const txids: Buffer[] = [];
  let start = 0;
  for (const raw of raws) {
    const { inputs, outputs, inputCount, outputCount, end } = scanTransaction(Buffer.from(raw), start);
    rows.transactions.push(start, end, 0, rows.inputs.length / 3, inputCount, rows.outputs.length / 3, outputCount);
    rows.inputs.push(...inputs);
    rows.outputs.push(...outputs);
    for (let input = 0; input < inputCount; input++) {
      const outpoint = inputs[input * 3] ?? 0;
      rows.parents.push(txids.findIndex((txid) => txid.equals(bytes.subarray(outpoint, outpoint + 32))));
    }
    txids.push(sha256d(raw));
    start += raw.length;
  }
  return {
    tape: {
      bytes,
      transactions: Uint32Array.from(rows.transactions),
      inputs: Uint32Array.from(rows.inputs),
      outputs: Uint32Array.from(rows.outputs),
      bumps: new Uint32Array(0),
    },
    subject: raws.length - 1,
    txids: Buffer.concat(txids),
    parents: Int32Array.from(rows.parents),
    needed: new Uint8Array(raws.length).fill(1),
    leafOffsets: new Uint32Array(raws.length),
    heights: new Uint32Array(0),
    roots: new Uint8Array(0),
  };
};
