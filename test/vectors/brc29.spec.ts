import { Hash, PrivateKey } from '@bsv/sdk';
import { isIdentityKey, openGatewayKeys, readPayment } from '#atomic-core';
import { describeVectors } from './shared-vectors';

interface Vector {
  readonly id: string;
  readonly description: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly expected: Readonly<Record<string, unknown>>;
}
interface VectorFile {
  readonly vectors: readonly Vector[];
}
interface DerivationVector {
  readonly description: string;
  readonly input: {
    readonly root_key: string;
    readonly args: { readonly keyID: string; readonly counterparty: string; readonly forSelf?: boolean };
  };
  readonly expected: { readonly publicKey: string };
}

const scalars = [1, 2, 3, 4];
const publicKeyOf = (key: PrivateKey): string => key.toPublicKey().toString();
/** The vectors' identity keys are those of the scalars 1 to 4. */
const privateKeyOf = (publicKey: string): PrivateKey => {
  const key = scalars.map((scalar) => new PrivateKey(scalar)).find((candidate) => publicKeyOf(candidate) === publicKey);
  if (key === undefined) throw new Error(`no private key is known for ${publicKey}`);
  return key;
};
const hashOf = (publicKey: string): string =>
  Buffer.from(Hash.hash160([...Buffer.from(publicKey, 'hex')])).toString('hex');

describeVectors<{ vectors: readonly DerivationVector[] }>(
  'BRC-29 payment derivation: the gateway as recipient',
  'conformance/wallet/brc29/payment-derivation.json',
  ({ vectors }) => {
    it('has 27 vectors', () => expect(vectors).toHaveLength(27));

    // The gateway only ever receives: a sender's vector is judged from the other side, which must derive the same key.
    it.each(vectors.map((vector) => [vector.description, vector] as const))(
      '%s',
      (_description, { input, expected }) => {
        const root = PrivateKey.fromHex(input.root_key);
        const { keyID, counterparty, forSelf } = input.args;
        const other = counterparty === 'self' ? publicKeyOf(root) : counterparty;
        const [recipient, payer] = forSelf === true ? [root, other] : [privateKeyOf(other), publicKeyOf(root)];
        const [prefix = '', suffix = ''] = keyID.split(' ');
        const keys = openGatewayKeys(recipient.toHex().padStart(64, '0'));
        const hash = keys.derivePaymentKeyHash(payer, prefix, suffix);
        expect(Buffer.from(hash).toString('hex')).toBe(hashOf(expected.publicKey));
      },
    );
  },
);

const ATOMIC = Buffer.from('0101010100', 'hex').toString('base64');
const PLAIN_BEEF = Buffer.from('0100beef00', 'hex').toString('base64');
const read = (message: unknown): string => {
  const result = readPayment(JSON.stringify(message));
  return result.ok ? 'ok' : result.rejection.code;
};
const message = { derivationPrefix: '3q2+7w==', derivationSuffix: 'iMba2Q==', transaction: ATOMIC };
const withTransaction = (vector: Vector): unknown => ({ ...(vector.input['message'] as object), transaction: ATOMIC });

const judges: Readonly<Record<number, (vector: Vector) => void>> = {
  1: (vector) => {
    expect(read(withTransaction(vector))).toBe('ok');
    for (const field of vector.expected['required_fields'] as string[]) {
      expect(read({ ...message, [field]: undefined })).toBe('payment-malformed');
    }
  },
  2: (vector) => expect(read(withTransaction(vector))).toBe('ok'),
  6: ({ input, expected }) => {
    const [recipient, payer] = [new PrivateKey(2), new PrivateKey(1)];
    const { derivationPrefix: prefix, derivationSuffix: suffix } = input as Record<string, string>;
    const key = payer.toPublicKey();
    const child = recipient.deriveChild(key, expected['invoice_number'] as string).toPublicKey();
    const keys = openGatewayKeys(recipient.toHex().padStart(64, '0'));
    const hash = keys.derivePaymentKeyHash(key.toString(), prefix ?? '', suffix ?? '');
    expect(Buffer.from(hash).toString('hex')).toBe(child.toHash('hex'));
  },
  9: ({ input }) => {
    for (const derivationPrefix of input['valid_examples'] as string[]) {
      expect(read({ ...message, derivationPrefix })).toBe('ok');
    }
  },
  10: ({ input }) => {
    for (const derivationSuffix of input['valid_examples'] as string[]) {
      expect(read({ ...message, derivationSuffix })).toBe('ok');
    }
  },
  11: ({ input }) => {
    for (const key of input['valid_examples'] as string[]) expect(isIdentityKey(key)).toBe(true);
  },
  13: ({ input }) => expect(read(input['legacy_message'])).toBe('payment-malformed'),
  14: () => {
    expect(read(message)).toBe('ok');
    expect(read({ ...message, transaction: PLAIN_BEEF })).toBe('payment-malformed');
    expect(read({ ...message, transaction: Buffer.from('0101010100', 'hex').toString('hex') })).toBe(
      'payment-malformed',
    );
  },
};

const NO_ACKNOWLEDGEMENT =
  'a PaymentAck of the message box; over HTTP the answer to the paid request is the acknowledgement';
const ONE_OUTPUT = 'payments in several outputs; BRC-105 has one, at output 0';
const NO_WALLET =
  'arguments of a wallet’s internalizeAction; no wallet stands behind the gateway, it checks payments itself';
const exceptions: Readonly<Record<number, string>> = {
  3: ONE_OUTPUT,
  4: NO_ACKNOWLEDGEMENT,
  5: NO_ACKNOWLEDGEMENT,
  7: NO_WALLET,
  8: NO_WALLET,
  12: ONE_OUTPUT,
  15: NO_ACKNOWLEDGEMENT,
};

describeVectors<VectorFile>(
  'BRC-29 payment protocol',
  'conformance/payments/brc29-payment-protocol.json',
  ({ vectors }) => {
    it.each(vectors.map((vector) => [vector.id, vector.description, vector] as const))(
      '%s: %s',
      (id, _text, vector) => {
        const number = Number(id.split('.').at(-1));
        const judge = judges[number];
        // Every vector is judged or named with the reason why not; a new one fails here.
        expect(judge === undefined).toBe(exceptions[number] !== undefined);
        judge?.(vector);
      },
    );
  },
);

describeVectors<VectorFile>('BRC-121 simple 402', 'conformance/payments/brc121.json', ({ vectors }) => {
  it('is not spoken yet: its 18 vectors wait for the issue that brings it', () => expect(vectors).toHaveLength(18));
});
