import { randomBytes } from 'node:crypto';
import { P2PKH, PublicKey } from '@bsv/sdk';
import type { DevWallet } from '#testkit';
import { RawCaller, replaceHeaders, type RawAnswer, type RawRequest } from './raw-caller';

/** Sends a signed request and pays for it as BRC-105 says, for what `AuthFetch` cannot send: octets and headers that are not `x-bsv-`. */
export async function payByHand(origin: string, purse: DevWallet, request: RawRequest): Promise<RawAnswer> {
  const raw = await RawCaller.open(origin, purse);
  const asked = await raw.send(request);
  if (asked.status !== 402) return asked;
  const derivationPrefix = asked.headers.get('x-bsv-payment-derivation-prefix') ?? '';
  const satoshis = Number(asked.headers.get('x-bsv-payment-satoshis-required'));
  const derivationSuffix = randomBytes(16).toString('base64');
  const { publicKey } = await purse.getPublicKey({
    protocolID: [2, '3241645161d8'],
    keyID: `${derivationPrefix} ${derivationSuffix}`,
    counterparty: raw.gatewayKey,
  });
  const lockingScript = new P2PKH().lock(PublicKey.fromString(publicKey).toAddress()).toHex();
  const { tx } = await purse.createAction({
    description: 'pay by hand',
    outputs: [{ satoshis, lockingScript, outputDescription: 'a payment' }],
    options: { randomizeOutputs: false },
  });
  const transaction = Buffer.from(tx ?? []).toString('base64');
  const payment = JSON.stringify({ derivationPrefix, derivationSuffix, transaction });
  return raw.send(replaceHeaders(request, { 'x-bsv-payment': payment }));
}
