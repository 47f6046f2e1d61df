import { type EncodedBeef, type Root, encodeBeef } from '../../hostile/corpus/draft';
import { byteMutations } from '../../hostile/corpus/mutate-bytes';
import { afterSigning, beforeSigning } from '../../hostile/corpus/mutate-draft';
import { Random } from '../../hostile/corpus/random';
import { buildShape, shapeNames } from '../../hostile/corpus/shapes';
import { signDraft } from '../../hostile/corpus/sign-draft';

/** One input of the comparison. Seed and number decide it wholly: that is all a finding needs to come back. */
export interface DifferentialCase {
  readonly number: number;
  readonly bytes: Uint8Array;
  /** What the chain would say: these roots at these heights and no others. */
  readonly roots: readonly Root[];
  /** What was done to it, for people. */
  readonly steps: readonly string[];
}

export interface PublicBeef {
  readonly bytes: Buffer;
  readonly roots: readonly Root[];
}

/** Good BEEFs whose parts others are spliced with. */
const NEIGHBOURS = 16;
const neighbours = new Map<number, readonly EncodedBeef[]>();

const buildGood = (random: Random): EncodedBeef => {
  const { draft, unlocks } = buildShape(random.pick(shapeNames), random);
  signDraft(draft, unlocks);
  return encodeBeef(draft);
};

const listNeighbours = (seed: number): readonly EncodedBeef[] => {
  const known = neighbours.get(seed);
  if (known) return known;
  const built = Array.from({ length: NEIGHBOURS }, (_, index) => buildGood(new Random(seed, -1 - index)));
  neighbours.set(seed, built);
  return built;
};

const buildMutated = (random: Random, steps: string[]): EncodedBeef => {
  const odd = random.chance(2);
  const shape = random.pick(shapeNames);
  const { draft, unlocks } = buildShape(shape, random, odd);
  steps.push(odd ? `${shape}, odd scripts` : shape);
  const mutate = (mutations: typeof beforeSigning, count: number): void => {
    for (let done = 0; done < count; done++) {
      const { name, apply } = random.pick(mutations);
      apply(draft, random);
      steps.push(name);
    }
  };
  mutate(beforeSigning, random.pick([0, 0, 0, 1, 2]));
  signDraft(draft, unlocks, { random, oneIn: random.pick([0, 0, 0, 4]) });
  mutate(afterSigning, random.pick([0, 0, 1, 1, 2]));
  return encodeBeef(draft);
};

/** `publicBeefs` (may be none) take one case in eight. */
export const makeCase = (seed: number, number: number, publicBeefs: readonly PublicBeef[]): DifferentialCase => {
  const random = new Random(seed, number);
  const steps: string[] = [];
  const isPublic = number % 8 === 7 && publicBeefs.length > 0;
  const made = isPublic ? random.pick(publicBeefs) : buildMutated(random, steps);
  const neighbour = random.pick(listNeighbours(seed));
  let bytes = made.bytes;
  for (
    let count = isPublic ? random.between(0, 2) : random.pick([0, 0, 0, 0, 0, 1, 2]);
    count > 0 && bytes.length > 0;
    count--
  ) {
    const { name, apply } = random.pick(byteMutations);
    bytes = apply(bytes, random, neighbour.bytes);
    steps.push(name);
  }
  return { number, bytes, roots: [...made.roots, ...neighbour.roots], steps: isPublic ? ['public', ...steps] : steps };
};
