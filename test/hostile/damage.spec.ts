import { Hash, OP } from '@bsv/sdk';
import { flipBit, judgeBeef } from '#testkit';
import { type EncodedBeef, encodeBeef } from './corpus/draft';
import { Random } from './corpus/random';
import { ops, push } from './corpus/scripts';
import { MEDIAN_TIME_PAST, TIP_HEIGHT, buildShape, shapeNames } from './corpus/shapes';
import { type TestKey, keys, signDraft } from './corpus/sign-draft';

/** RELIABILITY §7, H12: every prefix of 200 good BEEFs and every single bit flip of 20. What they are comes from `shapes.ts`, by the seeds below. */

jest.setTimeout(600_000);

const [key] = keys as [TestKey];
const lock = Buffer.concat([
  ops(OP.OP_DUP, OP.OP_HASH160),
  push(Buffer.from(Hash.hash160([...key.compressed]))),
  ops(OP.OP_EQUALVERIFY, OP.OP_CHECKSIG),
]);

/** `signedWhole`: every coin under a signature over all of its transaction, so that no bit of it is anybody's to change. */
const buildGood = (seed: number, signedWhole: boolean): EncodedBeef => {
  const random = new Random(seed, 12);
  // The root behind a proven parent is nobody's question (decision 19): flips of its path change nothing that counts.
  const shapes = signedWhole ? shapeNames.filter((name) => !name.includes('its own parent')) : shapeNames;
  const { draft, unlocks } = buildShape(shapes[seed % shapes.length] ?? '', random);
  for (const output of signedWhole ? draft.entries.flatMap(({ outputs }) => outputs) : []) {
    if (!unlocks.has(output)) continue;
    output.script = lock;
    unlocks.set(output, (sign) => Buffer.concat([push(sign(key)), push(key.compressed)]));
  }
  signDraft(draft, unlocks);
  return encodeBeef(draft);
};

const accepts = ({ roots }: EncodedBeef, bytes: Uint8Array): boolean =>
  judgeBeef(bytes, (height, root) => roots.some((known) => known.height === height && known.root === root), {
    tipHeight: TIP_HEIGHT,
    medianTimePast: MEDIAN_TIME_PAST,
  }).ok;

const listGood = (count: number, signedWhole: boolean): EncodedBeef[] => {
  const good: EncodedBeef[] = [];
  for (let seed = 0; good.length < count; seed++) {
    const built = buildGood(seed, signedWhole);
    if (accepts(built, built.bytes)) good.push(built);
  }
  return good;
};

it('no prefix of 200 good BEEFs is accepted', () => {
  const accepted: string[] = [];
  for (const good of listGood(200, false)) {
    for (let length = 0; length < good.bytes.length; length++)
      if (accepts(good, good.bytes.subarray(0, length))) accepted.push(good.bytes.subarray(0, length).toString('hex'));
  }
  expect(accepted).toEqual([]);
});

it('no bit flip of 20 good BEEFs is accepted', () => {
  const accepted: string[] = [];
  for (const good of listGood(20, true)) {
    for (let bit = 0; bit < good.bytes.length * 8; bit++)
      if (accepts(good, flipBit(good.bytes, bit))) accepted.push(`bit ${bit} of ${good.bytes.toString('hex')}`);
  }
  expect(accepted).toEqual([]);
});
