import { type ProtoWallet, PrivateKey } from '@bsv/sdk';
import { type GatewayKeys, openGatewayKeys } from '#atomic-core';

interface Asked {
  readonly data: readonly number[];
  readonly keyID: string;
  readonly counterparty: string;
}

/**
 * A caller's wallet on native curves, for those who sign thousands of requests: octet for octet what `ProtoWallet` signs, fifty times sooner. Knows how to
 * sign messages and nothing else.
 */
export const openQuickWallet = (): ProtoWallet => {
  const keys: GatewayKeys = openGatewayKeys(PrivateKey.fromRandom().toHex());
  return {
    getPublicKey: () => Promise.resolve({ publicKey: keys.identityKey }),
    createSignature: ({ data, keyID, counterparty }: Asked) =>
      Promise.resolve({
        signature: [...keys.signMessage(Uint8Array.from(data), { keyId: keyID, peer: counterparty })],
      }),
  } as unknown as ProtoWallet;
};
