/** The Merkle root of the development network's block at `height`, from its header source; undefined when it has none. */
export const readMerkleRoot = async (devnetUrl: string, height: number): Promise<string | undefined> => {
  const response = await fetch(`${devnetUrl}/chaintracks/v2/header/height/${height}`);
  return response.ok ? ((await response.json()) as { merkleRoot: string }).merkleRoot : undefined;
};
