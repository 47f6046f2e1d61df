import { Utils } from '@bsv/sdk';
import type { NetworkName } from '../header/network-params';

const MAIN = 0x00;
const TEST = 0x6f;
const HASH_BYTES = 20;
/** The development network has no addresses of its own: its wallets write those of either. */
const VERSIONS: Readonly<Partial<Record<NetworkName, readonly number[]>>> = { mainnet: [MAIN], devnet: [MAIN, TEST] };

/** The hash of the public key that an address of this network is (Base58Check); undefined for any other text. */
export const readAddress = (text: string, network: NetworkName): Uint8Array | undefined => {
  try {
    const { prefix, data } = Utils.fromBase58Check(text);
    const [version, ...rest] = prefix as number[];
    const isOurs = version !== undefined && rest.length === 0 && (VERSIONS[network] ?? [TEST]).includes(version);
    return isOurs && data.length === HASH_BYTES ? Uint8Array.from(data as number[]) : undefined;
  } catch {
    return undefined;
  }
};
