import { KeyDeriver, LockingScript, P2PKH, PrivateKey, ProtoWallet, PublicKey, Spend, Transaction } from '@bsv/sdk';
import type { Txid } from '../bytes';
import { openGatewayKeys } from '../identity/gateway-keys';
import { readInstructions, writeInstructions } from './payment-derivation';
import { writePublicKeyHashScript } from './public-key-hash-script';
import { type PaidCoin, measureSpendFee, spendPayments } from './spend-payments';

const ROOT = '22'.repeat(32);
const keys = openGatewayKeys(ROOT);
const payerRoot = PrivateKey.fromHex('33'.repeat(32));
const payer = payerRoot.toPublicKey().toString();
const order = { lockingScript: writePublicKeyHashScript(Buffer.alloc(20, 7)), satoshisPerKilobyte: 100 };

const coinOf = (place: number, satoshis: number): PaidCoin => ({
  ...{ txid: String(place).padStart(64, 'a') as Txid, vout: place, satoshis },
  lockingScript: writePublicKeyHashScript(keys.derivePaymentKeyHash(payer, 'prefix', String(place))),
  sign: (digest) => keys.signPayment(digest, payer, `prefix ${place}`),
});

/** The interpreter of the SDK, as a second opinion. */
const judge = (coins: readonly PaidCoin[], raw: Uint8Array): boolean[] => {
  const { inputs, version, outputs, lockTime } = Transaction.fromBinary([...raw]);
  return inputs.map((input, inputIndex) => {
    const { txid, vout, satoshis, lockingScript } = coins[inputIndex] as PaidCoin;
    expect([input.sourceTXID, input.sourceOutputIndex]).toEqual([txid, vout]);
    return new Spend({
      ...{ sourceTXID: txid, sourceOutputIndex: vout, sourceSatoshis: satoshis, inputIndex, outputs, lockTime },
      lockingScript: LockingScript.fromBinary([...lockingScript]),
      transactionVersion: version,
      otherInputs: inputs.filter((_, place) => place !== inputIndex),
      inputSequence: input.sequence ?? 0,
      unlockingScript: input.unlockingScript as NonNullable<typeof input.unlockingScript>,
    }).validate();
  });
};

describe('a spend of payments', () => {
  it.each([1, 3, 253])('of %i is signed as the interpreter of the SDK has it, and pays its fee', (count) => {
    const coins = Array.from({ length: count }, (_, place) => coinOf(place, 1_000 + place));
    const spent = spendPayments(coins, order);
    if (!spent.ok) throw new Error(spent.rejection.detail);
    const { raw, txid, satoshis, fee } = spent.value;
    expect(judge(coins, raw)).toEqual(coins.map(() => true));
    const read = Transaction.fromBinary([...raw]);
    expect([read.id('hex'), read.outputs.map((output) => output.satoshis)]).toEqual([txid, [satoshis]]);
    expect(satoshis + fee).toBe(coins.reduce((sum, coin) => sum + coin.satoshis, 0));
    expect(fee).toBe(measureSpendFee(count, order));
    expect(fee).toBeGreaterThanOrEqual((raw.length * order.satoshisPerKilobyte) / 1_000);
    expect(fee).toBeLessThan((raw.length * order.satoshisPerKilobyte) / 980 + 1);
  });

  it('is none where the fee leaves nothing', () => {
    const fee = measureSpendFee(1, order);
    expect(spendPayments([], order)).toMatchObject({ rejection: { code: 'treasury-insufficient' } });
    expect(spendPayments([coinOf(0, fee)], order)).toMatchObject({ rejection: { code: 'treasury-insufficient' } });
    expect(spendPayments([coinOf(0, fee + 1)], order)).toMatchObject({ value: { satoshis: 1, fee } });
  });
});

describe('the instructions of an output', () => {
  const derivation = { prefix: 'cHJlZml4', suffix: 'c3VmZml4', payer, payee: keys.identityKey };

  it('are arguments of a BRC-100 wallet with the key, which derives what it was locked to', async () => {
    const { protocolID, keyID, counterparty } = JSON.parse(writeInstructions(derivation)) as {
      protocolID: [2, string];
      keyID: string;
      counterparty: string;
    };
    const wallet = new ProtoWallet(PrivateKey.fromHex(ROOT));
    const { publicKey } = await wallet.getPublicKey({ protocolID, keyID, counterparty, forSelf: true });
    const hash = keys.derivePaymentKeyHash(payer, derivation.prefix, derivation.suffix);
    expect(PublicKey.fromString(publicKey).toHash()).toEqual([...hash]);
    const derived = new KeyDeriver(PrivateKey.fromHex(ROOT)).derivePrivateKey(protocolID, keyID, counterparty);
    expect(new P2PKH().lock(derived.toAddress()).toBinary()).toEqual([...writePublicKeyHashScript(hash)]);
  });

  it('are read as they were written, and nothing else is', () => {
    const text = writeInstructions(derivation);
    expect(readInstructions(text)).toEqual(derivation);
    const said = JSON.parse(text) as object;
    for (const other of [
      ...['', 'null', '[]', '{}', `${text} `, JSON.stringify({ ...said, senderIdentityKey: '02ab' })],
      ...[JSON.stringify({ ...said, keyID: 'another' }), JSON.stringify({ ...said, derivationPrefix: 1 })],
    ])
      expect(readInstructions(other)).toBeUndefined();
  });

  it('pay another identity as its own wallet finds it', async () => {
    const hash = keys.derivePayeeKeyHash(payer, 'p', 's');
    const wallet = new ProtoWallet(payerRoot);
    const { publicKey } = await wallet.getPublicKey({
      ...{ protocolID: [2, '3241645161d8'], keyID: 'p s', counterparty: keys.identityKey, forSelf: true },
    });
    expect(PublicKey.fromString(publicKey).toHash()).toEqual([...hash]);
  });
});
