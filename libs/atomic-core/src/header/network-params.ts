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

/** Heights as in bitcoin-sv `chainparams.cpp`; the development network starts from the regtest genesis block. */
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
  },
};
