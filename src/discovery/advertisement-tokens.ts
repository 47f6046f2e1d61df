import { PushDrop, Transaction, type WalletInterface } from '@bsv/sdk';
import type { Txid } from '#atomic-core';
import { DISCOVERY_KEYS, readAdvertisement, type DiscoveryProtocol } from '../topics';
import { readOctets } from './read-octets';

/** What one token says, of the identity and place of its host. */
export interface Claim {
  readonly protocol: DiscoveryProtocol;
  /** A topic (SHIP) or a lookup service (SLAP). */
  readonly hosted: string;
}

/** A token that the ledger holds. */
export interface HeldToken extends Claim {
  readonly txid: Txid;
  readonly vout: number;
}

export interface Host {
  readonly identityKey: string;
  readonly domain: string;
}

const TOKEN_SATOSHIS = 1;
/** Its key is derived for anyone: for `self`, nobody else could tell whose the token is, and no host would take it. */
const COUNTERPARTY = 'anyone';
/** A signature of at most 73 bytes with its flag, and the byte that pushes it. */
const UNLOCKING_BYTES = 74;

/** Makes and spends the tokens of one host with its wallet. */
export class AdvertisementTokens {
  private readonly template: PushDrop;

  constructor(
    private readonly wallet: WalletInterface,
    private readonly originator: string,
  ) {
    this.template = new PushDrop(wallet, originator);
  }

  async findIdentity(): Promise<string> {
    const { publicKey } = await this.wallet.getPublicKey({ identityKey: true }, this.originator);
    return publicKey;
  }

  /** The script of a token; throws where the wallet made one that the topic would not take, before it is paid for. */
  async lock({ protocol, hosted }: Claim, { identityKey, domain }: Host): Promise<string> {
    const texts = [Buffer.from(protocol), Buffer.from(identityKey, 'hex'), Buffer.from(domain), Buffer.from(hosted)];
    const fields = texts.map((octets) => [...octets]);
    const { name, keyId } = DISCOVERY_KEYS[protocol];
    // `forSelf`: the key that we can sign with, not its counterpart.
    const script = (await this.template.lock(fields, [...name], keyId, COUNTERPARTY, true)).toHex();
    const read = readAdvertisement(Buffer.from(script, 'hex'), protocol);
    if (read?.identityKey !== identityKey || read.domain !== domain || read.hosted !== hosted)
      throw new Error('the wallet signed with another key than its identity');
    return script;
  }

  /** One transaction with a token for each script, as Atomic BEEF. */
  async make(scripts: readonly string[]): Promise<Uint8Array> {
    const outputs = scripts.map((lockingScript) => ({
      ...{ satoshis: TOKEN_SATOSHIS, lockingScript },
      outputDescription: 'SHIP or SLAP advertisement',
    }));
    const { tx } = await this.wallet.createAction(
      { description: 'advertise what is hosted', outputs },
      this.originator,
    );
    return readOctets(tx);
  }

  /** One transaction that spends all of them, as Atomic BEEF. `beef` holds the transactions that made them. */
  async revoke(tokens: readonly HeldToken[], beef: Uint8Array): Promise<Uint8Array> {
    const inputs = tokens.map(({ txid, vout }) => ({
      ...{ outpoint: `${txid}.${vout}`, unlockingScriptLength: UNLOCKING_BYTES },
      inputDescription: 'SHIP or SLAP advertisement',
    }));
    const asked = { description: 'withdraw advertisements', inputBEEF: [...beef], inputs };
    const { signableTransaction } = await this.wallet.createAction(asked, this.originator);
    if (signableTransaction === undefined) throw new Error('the wallet gave nothing to sign');
    const transaction = Transaction.fromAtomicBEEF([...readOctets(signableTransaction.tx)]);
    const spends: Record<number, { unlockingScript: string }> = {};
    for (const token of tokens) {
      const { name, keyId } = DISCOVERY_KEYS[token.protocol];
      const index = transaction.inputs.findIndex(
        ({ sourceTransaction, sourceTXID, sourceOutputIndex }) =>
          sourceOutputIndex === token.vout && (sourceTXID ?? sourceTransaction?.id('hex')) === token.txid,
      );
      if (index < 0) throw new Error('the wallet left out an input that it was asked to spend');
      const unlocking = await this.template.unlock([...name], keyId, COUNTERPARTY).sign(transaction, index);
      spends[index] = { unlockingScript: unlocking.toHex() };
    }
    const { reference } = signableTransaction;
    const { tx } = await this.wallet.signAction({ reference, spends }, this.originator);
    return readOctets(tx);
  }
}
