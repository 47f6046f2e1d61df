import { isIdentityKey } from '../identity/gateway-keys';
import { BRC29_PROTOCOL } from './brc29-protocol';

/** By which the key of a BRC-29 output is derived, by whoever paid and by whoever was paid. */
export interface PaymentDerivation {
  readonly prefix: string;
  readonly suffix: string;
  /** Identity key of the payer. */
  readonly payer: string;
  /** Identity key of the gateway that it was paid to: of several, over a change of keys. */
  readonly payee: string;
}

/**
 * As a wallet of BRC-100 is told how to spend an output: the names of BRC-29 and of `paymentRemittance`, and beside them the arguments of `createSignature` and
 * `getPublicKey` as they are, so that nobody has to know how one becomes the other.
 */
export const writeInstructions = ({ prefix, suffix, payer, payee }: PaymentDerivation): string =>
  JSON.stringify({
    ...{ type: 'BRC29', derivationPrefix: prefix, derivationSuffix: suffix },
    ...{ senderIdentityKey: payer, recipientIdentityKey: payee },
    ...{ protocolID: BRC29_PROTOCOL, keyID: `${prefix} ${suffix}`, counterparty: payer },
  });

/** Undefined for what {@link writeInstructions} did not write. */
export const readInstructions = (text: string): PaymentDerivation | undefined => {
  const read = parse(text);
  const { derivationPrefix: prefix, derivationSuffix: suffix } = read;
  const { senderIdentityKey: payer, recipientIdentityKey: payee } = read;
  if (typeof prefix !== 'string' || typeof suffix !== 'string' || !isIdentityKey(payer) || !isIdentityKey(payee))
    return undefined;
  const derivation = { prefix, suffix, payer, payee };
  return writeInstructions(derivation) === text ? derivation : undefined;
};

const parse = (text: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
};
