import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { claimNonces, type NonceClaim, type NonceQuestion } from '#ledger';
import { refuse } from '../ingress';

/** A statement that waits, for a lock or a slow network, leaves another way to those behind it. */
const STATEMENTS_AT_ONCE = 2;
const GROUP_MAX = 100;

interface Waiting {
  readonly question: NonceQuestion;
  readonly resolve: (claim: NonceClaim) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Uses the nonces of messages up: of two copies one passes, whichever replicas have them (defect A3). A lone one is asked at once; those that come while
 * statements are under way share the next one. See ops/decisions/0051-nonces-are-claimed-together.md.
 */
@Injectable()
export class NonceClaims {
  private readonly waiting: Waiting[] = [];
  private asking = 0;

  constructor(@Inject(DataSource) private readonly database: DataSource) {}

  /**
   * Passes, or refuses by throwing. MUST come after the signature was verified, so that nobody else can use the nonce up, and before anything is done.
   * `onEnded`: the session is over.
   */
  async claimOnce({ sessionNonce, nonce }: NonceQuestion, onEnded: () => void = () => undefined): Promise<void> {
    const claim = await this.claim({ sessionNonce, nonce });
    if (claim === 'claimed') return;
    if (claim === 'replayed') return refuse('auth-replayed');
    onEnded();
    return refuse('auth-session-unknown');
  }

  private claim(question: NonceQuestion): Promise<NonceClaim> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ question, resolve, reject });
      if (this.asking < STATEMENTS_AT_ONCE) void this.ask();
    });
  }

  private async ask(): Promise<void> {
    this.asking += 1;
    while (this.waiting.length > 0) await this.settle(this.waiting.splice(0, GROUP_MAX));
    this.asking -= 1;
  }

  /** Never throws: each of the group has its answer. */
  private async settle(group: readonly Waiting[]): Promise<void> {
    try {
      const claims = await claimNonces(
        this.database,
        group.map(({ question }) => question),
      );
      for (const [place, claim] of claims.entries()) {
        if (claim.status === 'fulfilled') group[place]?.resolve(claim.value);
        else group[place]?.reject(claim.reason);
      }
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
}
