import type { ReadBeef } from '../beef/read-beef';

/** Each Merkle root that the subject rests on, once, with the height it claims: the questions for the chain. */
export const listRoots = ({ transactions }: ReadBeef): { height: number; root: string }[] => {
  const roots = new Map<string, { height: number; root: string }>();
  for (const { bump } of transactions)
    if (bump) roots.set(`${bump.height} ${bump.root}`, { height: bump.height, root: bump.root });
  return [...roots.values()];
};
