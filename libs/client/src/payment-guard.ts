import { Utils } from '@bsv/sdk';
import type { CreateActionArgs, CreateActionResult, WalletInterface } from '@bsv/sdk';

/** The gateway asked for a second payment of one call. The first is in `payment`: send it again with the same request, or claim it back. */
export class SecondPaymentRefused extends Error {
  override readonly name = 'SecondPaymentRefused';

  constructor(readonly payment: CreateActionResult | undefined) {
    super('The gateway asked for a second payment of one call; the first payment stands and no other was made.');
  }
}

/** The gateway asked for more than this client may pay. Nothing was paid. */
export class PaymentTooLarge extends Error {
  override readonly name = 'PaymentTooLarge';

  constructor(
    readonly satoshisAsked: number,
    readonly satoshisMax: number,
  ) {
    super(`The gateway asks for ${satoshisAsked} satoshis; this client pays at most ${satoshisMax} a call.`);
  }
}

/**
 * One wallet, seen by one call at a time. `AuthFetch` builds and signs a new payment whenever a 402 comes back with other terms, so a gateway that
 * loses its quote (or lies) would be paid twice for one request. Here the second `createAction` of a call throws, and what may be spent is capped.
 */
export class PaymentGuard {
  #made: CreateActionResult | undefined;
  #header: string | undefined;
  #paying = false;
  readonly wallet: WalletInterface;

  constructor(
    wallet: WalletInterface,
    private readonly satoshisMax: number,
  ) {
    this.wallet = new Proxy(wallet, {
      get: (target, property) => {
        if (property === 'createAction') return async (args: CreateActionArgs) => await this.#pay(target, args);
        const value: unknown = Reflect.get(target, property, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  }

  /** A new call begins: it may pay once. */
  open(): void {
    this.#made = undefined;
    this.#header = undefined;
    this.#paying = false;
  }

  /** The `x-bsv-payment` header (BRC-105) of the payment this call made, to send with its repeats. */
  get header(): string | undefined {
    return this.#header;
  }

  async #pay(wallet: WalletInterface, args: CreateActionArgs): Promise<CreateActionResult> {
    if (this.#paying) throw new SecondPaymentRefused(this.#made);
    const asked = (args.outputs ?? []).reduce((sum, output) => sum + output.satoshis, 0);
    if (asked > this.satoshisMax) throw new PaymentTooLarge(asked, this.satoshisMax);
    this.#paying = true;
    this.#made = await wallet.createAction(args);
    this.#header = writeHeader(args, this.#made);
    return this.#made;
  }
}

const isTerms = (value: unknown): value is { derivationPrefix: string; derivationSuffix: string } =>
  typeof value === 'object' && value !== null && 'derivationPrefix' in value && 'derivationSuffix' in value;

// AuthFetch tells the wallet how the payment key was derived, and tells no one else: here is the only place to learn the header it will send.
const writeHeader = (args: CreateActionArgs, made: CreateActionResult): string | undefined => {
  const instructions: unknown = JSON.parse(args.outputs?.[0]?.customInstructions ?? 'null');
  if (!isTerms(instructions) || made.tx === undefined) return undefined;
  const { derivationPrefix, derivationSuffix } = instructions;
  return JSON.stringify({ derivationPrefix, derivationSuffix, transaction: Utils.toBase64(Array.from(made.tx)) });
};
