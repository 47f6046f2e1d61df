import { createHmac } from 'node:crypto';
import {
  type AuthSession,
  type GatewayKeys,
  type MessageKey,
  deriveRelaySecrets,
  openGatewayKeys,
  openSubjectKeys,
} from '#atomic-core';
import type { Clock, RelayKey, RootKey } from '#ports';
import { unusable } from './key-store-error';
import { KEYS_MAX } from './ring-octets';

interface Slot extends RelayKey {
  /** Undefined in a process that was given no root. */
  readonly keys: GatewayKeys | undefined;
  /** Of one that has ended, too: what it wrapped is not lost with it. */
  readonly wrapper: Pick<GatewayKeys, 'unwrapSubjectKey'> | undefined;
}

/** Opens what a key of the gateway wrapped, and does nothing else. */
export type SubjectKeyOpener = Pick<GatewayKeys, 'identityKey' | 'unwrapSubjectKey'>;

/** The public half of a key, and its time. */
export type KeyTerm = Pick<RelayKey, 'identityKey' | 'fromMs' | 'untilMs'>;

const systemClock: Clock = { nowMs: () => Date.now() };

const isEnded = (untilMs: number | undefined, nowMs: number): boolean => untilMs !== undefined && untilMs <= nowMs;

/** One that has ended answers nobody and signs nothing. */
const openSlot = ({ root, fromMs, untilMs }: RootKey, nowMs: number): Slot => {
  try {
    const keys = isEnded(untilMs, nowMs) ? undefined : openGatewayKeys(root);
    return { ...deriveRelaySecrets(root), fromMs, untilMs, keys, wrapper: openSubjectKeys(root) };
  } catch {
    // The reason of a library might name what it was given.
    throw unusable('A stored key is no private key of secp256k1.');
  }
};

/** Of each time there is one key that is current, however long nobody looks after it: the latest has no end. */
const refuseUnfit = (slots: readonly KeyTerm[]): void => {
  if (slots.length === 0) throw unusable('There is no key; `portcullis keys create` makes one.');
  if (slots.length > KEYS_MAX) throw unusable(`There are more than ${KEYS_MAX} keys.`);
  if (new Set(slots.map(({ identityKey }) => identityKey)).size !== slots.length)
    throw unusable('A key is stored twice.');
  if (slots[0]?.untilMs !== undefined) throw unusable('The latest key has an end, and none comes after it.');
};

/**
 * The keys of the gateway over a change of them. New sessions, quotes and data are made under the current one; what was made under another counts until that
 * one's end, by the clock of this process. Nothing of it can be printed.
 */
export class KeyRing {
  /** The latest first. */
  readonly #slots: readonly Slot[];
  readonly #clock: Clock;

  private constructor(slots: readonly Slot[], clock: Clock) {
    this.#slots = [...slots].sort((a, b) => b.fromMs - a.fromMs);
    this.#clock = clock;
    refuseUnfit(this.#slots);
  }

  /** Wipes the roots that it is given. */
  static ofRoots(roots: readonly RootKey[], clock: Clock = systemClock): KeyRing {
    try {
      const nowMs = clock.nowMs();
      return new KeyRing(
        roots.map((root) => openSlot(root, nowMs)),
        clock,
      );
    } finally {
      for (const { root } of roots) root.fill(0);
    }
  }

  static ofRelayKeys(keys: readonly RelayKey[], clock: Clock = systemClock): KeyRing {
    return new KeyRing(
      keys.map((key) => ({ ...key, keys: undefined, wrapper: undefined })),
      clock,
    );
  }

  /** What the gateway signs with and is known by, for whoever comes now. */
  get current(): GatewayKeys {
    return openOf(this.#current());
  }

  /** Of the current key; the one thing that is known of it everywhere. */
  get identityKey(): string {
    return this.#current().identityKey;
  }

  /** The current key first. */
  list(): readonly GatewayKeys[] {
    return this.#live().map(openOf);
  }

  /** Of all keys, also of those whose end has come; the latest first. */
  listTerms(): readonly KeyTerm[] {
    return this.#slots.map(({ identityKey, fromMs, untilMs }) => ({ identityKey, fromMs, untilMs }));
  }

  find(identityKey: string): GatewayKeys | undefined {
    const slot = this.#live().find((live) => live.identityKey === identityKey);
    return slot && openOf(slot);
  }

  /** Of all keys, also of those whose end has come. */
  listSubjectKeyOpeners(): readonly SubjectKeyOpener[] {
    return this.#slots.flatMap(({ identityKey, wrapper }) =>
      wrapper === undefined ? [] : [{ identityKey, unwrapSubjectKey: wrapper.unwrapSubjectKey }],
    );
  }

  /** Who made this session's nonce, for whomever; undefined for one that nobody here made, or whose maker has ended. */
  findMaker({ sessionNonce, identityKey }: Pick<AuthSession, 'sessionNonce' | 'identityKey'>): GatewayKeys | undefined {
    return this.list().find((keys) => keys.judgeSessionNonce(sessionNonce, identityKey) !== 'unknown');
  }

  /** Of any key that is in force. */
  isQuoteNonce(nonce: string): boolean {
    return this.list().some((keys) => keys.isQuoteNonce(nonce));
  }

  /** Also of a key that has ended: nobody else is it. */
  isOwn(identityKey: string): boolean {
    return this.#slots.some((slot) => slot.identityKey === identityKey);
  }

  /** As `GatewayKeys` says it, whichever of our keys the peer encrypted for. */
  decryptFieldKey(octets: Uint8Array, key: MessageKey): Uint8Array | undefined {
    for (const keys of this.list()) {
      const opened = keys.decryptFieldKey(octets, key);
      if (opened !== undefined) return opened;
    }
    return undefined;
  }

  /** Of the latest key, current or not yet: what is sent out with it comes back when the others may have ended. */
  get callbackToken(): string {
    return this.#slots[0]?.callbackToken ?? '';
  }

  /** Any of them is taken. */
  listCallbackTokens(): readonly string[] {
    return this.#live().map(({ callbackToken }) => callbackToken);
  }

  /** The current key's first: a new subscription gets that one, and a delivery is signed with each. No table, backup or log holds them. */
  deriveWebhookSecrets(subscriptionId: string): readonly Buffer[] {
    return this.#live().map(({ webhookKey }) => createHmac('sha256', webhookKey).update(subscriptionId).digest());
  }

  /** Seal what a browser keeps for us between two steps of a login: the current key's first, and what another sealed is opened too. The label is no subscription. */
  deriveLoginKeys(): readonly Buffer[] {
    return this.#live().map(({ webhookKey }) => createHmac('sha256', webhookKey).update('login of a person').digest());
  }

  #current(): Slot {
    const [current] = this.#live();
    if (current === undefined) throw new Error('No key of the gateway is in force.');
    return current;
  }

  /** Where the clock is behind that of another replica a key may come before its time: it opens nothing new then, but counts. */
  #live(): Slot[] {
    const nowMs = this.#clock.nowMs();
    const live = this.#slots.filter(({ untilMs }) => !isEnded(untilMs, nowMs));
    const current = live.find(({ fromMs }) => fromMs <= nowMs) ?? live.at(-1);
    return current === undefined ? [] : [current, ...live.filter((slot) => slot !== current)];
  }
}

const openOf = ({ keys }: Slot): GatewayKeys => {
  if (keys === undefined) throw new Error('This process was given no root key.');
  return keys;
};
