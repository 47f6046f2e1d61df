/** A root key of the gateway, and the time in which it counts. */
export interface RootKey {
  /** 32 octets, from 1 to the order of secp256k1 less 1. Whoever holds them MUST wipe them as soon as keys are opened from them. */
  readonly root: Uint8Array;
  /** From then on new sessions are opened under it, until another key's time begins. What was made under it counts before, for a replica whose clock is ahead. */
  readonly fromMs: number;
  /** From then on nothing that was made under it counts. Undefined: it has no end yet. */
  readonly untilMs: number | undefined;
}

/**
 * What a process that answers nobody in the gateway's name is given in place of a root key: it follows from the root one-way. The times are those of the
 * root.
 */
export interface RelayKey {
  readonly identityKey: string;
  readonly callbackToken: string;
  readonly webhookKey: Uint8Array;
  readonly fromMs: number;
  readonly untilMs: number | undefined;
}

/**
 * Where root keys are kept. An implementation MUST answer all keys or throw, MUST throw rather than answer octets whose integrity it did not check where its
 * medium lets it check them, MUST end within the signal, and MUST NOT put a key, a passphrase, a PIN, a token or any octet of them into an error or a log. It
 * MUST NOT keep a root, or what opens one, after it answered.
 */
export interface KeyStore {
  /** For people: kind and place, no secret. */
  readonly name: string;
  /** Empty where nothing was stored yet. */
  loadKeys(signal: AbortSignal): Promise<readonly RootKey[]>;
  /**
   * Replaces all keys. All or nothing, also over a loss of power. MUST refuse where the store holds anything else than what this object loaded before: of
   * two that change it at once one wins, and no key is lost. Absent: this store is changed by other means.
   */
  replaceKeys?(keys: readonly RootKey[], signal: AbortSignal): Promise<void>;
}
