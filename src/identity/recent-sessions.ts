import type { AuthSession } from '#atomic-core';

/**
 * Sessions whose requests came last, up to a number of them: the one that nobody used for longest goes first. What a session agreed on never changes, so this is
 * enough to check a signature with; whether it is still open is not kept here, and is asked with each nonce that is claimed. Only what somebody signed for
 * is added: a stranger who opens sessions pushes nobody out.
 */
export class RecentSessions {
  readonly #sessions = new Map<string, AuthSession>();

  constructor(private readonly sessionsMax: number) {}

  get size(): number {
    return this.#sessions.size;
  }

  find(sessionNonce: string): AuthSession | undefined {
    const session = this.#sessions.get(sessionNonce);
    if (session !== undefined) this.add(session);
    return session;
  }

  add({ sessionNonce, identityKey, peerNonce }: AuthSession): void {
    this.#sessions.delete(sessionNonce);
    this.#sessions.set(sessionNonce, { sessionNonce, identityKey, peerNonce });
    if (this.#sessions.size <= this.sessionsMax) return;
    for (const oldest of this.#sessions.keys()) return void this.#sessions.delete(oldest);
  }

  forget(sessionNonce: string): void {
    this.#sessions.delete(sessionNonce);
  }
}
