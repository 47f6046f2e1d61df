import { bitsOf } from './compact-bits';

export type NetworkName = 'mainnet' | 'testnet' | 'devnet';

export interface NetworkParams {
  readonly name: NetworkName;
  /** 80 bytes, hex. */
  readonly genesis: string;
  readonly powLimit: bigint;
  readonly powLimitBits: number;
  /** A block that comes more than twice the spacing after its parent may have the lowest difficulty. */
  readonly minDifficultyAllowed: boolean;
  /** Every block has its parent's bits. */
  readonly retargets: boolean;
  /** From this parent height on six slow blocks lower the difficulty (August to November 2017). */
  readonly emergencyParentHeight: number;
  /** From this parent height on the 144-block rule of November 2017 holds. */
  readonly daaParentHeight: number;
  /** A coin of this block and later ones is locked by the rules of Genesis. */
  readonly genesisHeight: number;
  readonly chronicleHeights: ActivationWindow;
}

/** Where sources disagree: below `first` nobody says that the rules hold, from `last` on all do. A coin from between must pass both rule sets. */
export interface ActivationWindow {
  readonly first: number;
  readonly last: number;
}

export const SPACING_SECONDS = 600;
/** Blocks between two adjustments of the original rule. */
export const RETARGET_BLOCKS = 2016;
/** Blocks that the November 2017 rule looks at. */
export const DAA_BLOCKS = 144;

const MAIN_LIMIT = (1n << 224n) - 1n;
const DEVNET_LIMIT = (1n << 255n) - 1n;
const GENESIS_BODY =
  '010000000000000000000000000000000000000000000000000000000000000000000000' +
  '3ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a';

/**
 * Heights as in bitcoin-sv `chainparams.cpp` (v1.2.2: GENESIS_ACTIVATION_*, CHRONICLE_ACTIVATION_*); the development network starts from the regtest genesis
 * block, and has had every rule from there on. For Chronicle the node's releases 1.2.0 to 1.2.2 say 943,816 and, on testnet, 1,713,168; nChain's chain-gang
 * says 943,835 and 1,713,022. The node is what mines, but a coin from between is worth no doubt.
 */
export const networkParams: Readonly<Record<NetworkName, NetworkParams>> = {
  mainnet: {
    name: 'mainnet',
    genesis: `${GENESIS_BODY}29ab5f49ffff001d1dac2b7c`,
    powLimit: MAIN_LIMIT,
    powLimitBits: bitsOf(MAIN_LIMIT),
    minDifficultyAllowed: false,
    retargets: true,
    emergencyParentHeight: 478_558,
    daaParentHeight: 504_031,
    genesisHeight: 620_538,
    chronicleHeights: { first: 943_816, last: 943_835 },
  },
  testnet: {
    name: 'testnet',
    genesis: `${GENESIS_BODY}dae5494dffff001d1aa4ae18`,
    powLimit: MAIN_LIMIT,
    powLimitBits: bitsOf(MAIN_LIMIT),
    minDifficultyAllowed: true,
    retargets: true,
    emergencyParentHeight: 1_155_875,
    daaParentHeight: 1_188_697,
    genesisHeight: 1_344_302,
    chronicleHeights: { first: 1_713_022, last: 1_713_168 },
  },
  devnet: {
    name: 'devnet',
    genesis: `${GENESIS_BODY}dae5494dffff7f2002000000`,
    powLimit: DEVNET_LIMIT,
    powLimitBits: bitsOf(DEVNET_LIMIT),
    minDifficultyAllowed: false,
    retargets: false,
    emergencyParentHeight: 0,
    daaParentHeight: 0,
    genesisHeight: 0,
    chronicleHeights: { first: 0, last: 0 },
  },
};
