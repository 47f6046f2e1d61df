import { mergeBeefs } from '#atomic-core';
import type { AnsweredOutput } from '../lookup';

/**
 * `X-Aggregation: yes`: varint count, for each output its txid, varint vout, varint length and context, then one BEEF of them all. The txid stands in the
 * order in which it is printed, not in that of the wire: so `overlay-express` writes it and so the SDK's `LookupResolver` reads it.
 */
export function writeAggregate(outputs: readonly AnsweredOutput[]): Buffer {
  const parts: Uint8Array[] = [writeVarint(outputs.length)];
  for (const { txid, outputIndex, context = Buffer.alloc(0) } of outputs)
    parts.push(Buffer.from(txid, 'hex'), writeVarint(outputIndex), writeVarint(context.length), context);
  parts.push(mergeBeefs(outputs.map(({ beef }) => beef)));
  return Buffer.concat(parts);
}

function writeVarint(value: number): Buffer {
  if (value < 0xfd) return Buffer.of(value);
  const octets = Buffer.alloc(value < 0x1_0000 ? 3 : 5);
  octets[0] = octets.length === 3 ? 0xfd : 0xfe;
  octets.writeUIntLE(value, 1, octets.length - 1);
  return octets;
}
