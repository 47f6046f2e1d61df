import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { P2PKH, PublicKey, Utils } from '@bsv/sdk';
import type { DynamicModule } from '@nestjs/common';
import { type DevWallet, fundWalletFromDevnet, waitUntil } from '#testkit';
import type { SettingsInput } from '../../src/config';
import { type Devnet, startDevnet } from '../../src/devnet';
import { PaymentsModule } from '../../src/payments';
import { type GatewayRig, openGateway } from './gateway-rig';
import type { RawAnswer } from './raw-caller';

export const PRICE = 200;
export const ITEM_PRICE = 50;

export interface PaymentRig {
  readonly gateway: GatewayRig;
  readonly devnet: Devnet;
  fund(wallet: DevWallet, satoshis?: number): Promise<void>;
  stop(): Promise<void>;
}

/** The gateway with priced routes, following the headers of a real development network. */
export const openPaidGateway = async (
  more: SettingsInput = {},
  imports: DynamicModule['imports'] = [],
): Promise<PaymentRig> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'portcullis-payments-'));
  const devnet = await startDevnet({ port: 0, dataDir });
  const settings = {
    devnetUrl: devnet.url,
    dataDir,
    verificationWorkers: 1,
    headerSources: [{ kind: 'devnet' as const, url: devnet.url }],
    prices: [
      { method: 'POST' as const, path: '/v1/test/echo', satoshis: PRICE },
      { method: 'GET' as const, path: '/v1/test/items/*', satoshis: ITEM_PRICE },
    ],
    ...more,
  };
  const gateway = await openGateway({ settings, imports: [PaymentsModule, ...imports] });
  const isAtTip = async (): Promise<boolean> => {
    const answer = await fetch(`${devnet.url}/chaintracks/v2/height`);
    const height = Number(/\d+/.exec(await answer.text())?.[0]);
    const [row] = await gateway.database.owner.query<{ height: number | null }[]>(
      'select max(height) as height from portcullis.block_header where is_best',
    );
    return row?.height === height;
  };
  return {
    gateway,
    devnet,
    fund: async (wallet, satoshis = 100_000) => {
      await fundWalletFromDevnet(wallet, devnet.url, satoshis);
      await waitUntil('the gateway is at the tip', isAtTip);
    },
    stop: async () => {
      await gateway.stop();
      await devnet.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
};

export interface Terms {
  readonly prefix: string;
  readonly satoshis: number;
  readonly payee: string;
}

export const readTerms = ({ headers }: RawAnswer): Terms => ({
  prefix: headers.get('x-bsv-payment-derivation-prefix') ?? '',
  satoshis: Number(headers.get('x-bsv-payment-satoshis-required')),
  payee: headers.get('x-bsv-auth-identity-key') ?? '',
});

export const SUFFIX = 'c3VmZml4';

/** The BRC-29 script that these terms ask for. */
export const payingScript = async (wallet: DevWallet, terms: Terms): Promise<string> => {
  const { publicKey } = await wallet.getPublicKey({
    protocolID: [2, '3241645161d8'],
    keyID: `${terms.prefix} ${SUFFIX}`,
    counterparty: terms.payee,
  });
  return new P2PKH().lock(PublicKey.fromString(publicKey).toAddress()).toHex();
};

export const writePaymentHeader = (prefix: string, transaction: number[] | Uint8Array): Record<string, string> => ({
  'x-bsv-payment': JSON.stringify({
    derivationPrefix: prefix,
    derivationSuffix: SUFFIX,
    transaction: Utils.toBase64([...transaction]),
  }),
});

export interface PaymentSketch {
  readonly satoshis?: number;
  /** Outputs put in front of the paying one. */
  readonly before?: readonly { satoshis: number; lockingScript: string; outputDescription: string }[];
}

/** A payment of these terms, right unless the sketch says otherwise. */
export const pay = async (
  wallet: DevWallet,
  terms: Terms,
  sketch: PaymentSketch = {},
): Promise<Record<string, string>> => {
  const { tx } = await wallet.createAction({
    description: 'a payment',
    outputs: [
      ...(sketch.before ?? []),
      {
        satoshis: sketch.satoshis ?? terms.satoshis,
        lockingScript: await payingScript(wallet, terms),
        outputDescription: 'the payment',
      },
    ],
    options: { randomizeOutputs: false },
  });
  return writePaymentHeader(terms.prefix, tx ?? []);
};
