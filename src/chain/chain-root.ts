import { networkParams, readHeader } from '#atomic-core';
import type { NetworkName } from '#atomic-core';

/** The one header that is taken on its hash alone: the genesis block, or the operator's checkpoint. */
export interface ChainRoot {
  readonly height: number;
  readonly hash: string;
}

export const genesisHeader = (network: NetworkName): Buffer => Buffer.from(networkParams[network].genesis, 'hex');

/** `checkpoint` is `height:hash`, as the configuration checked it. */
export const findChainRoot = (network: NetworkName, checkpoint: string | undefined): ChainRoot => {
  if (checkpoint !== undefined) {
    const [height, hash] = checkpoint.split(':');
    return { height: Number(height), hash: hash ?? '' };
  }
  return { height: 0, hash: readHeader(genesisHeader(network))?.hash ?? '' };
};
