import { claimNonce, type Database } from '#ledger';
import { refuse } from '../ingress';

/**
 * Uses the nonce of a message up: of two copies one passes, whichever replicas have them (defect A3); the other is refused, by throwing. MUST come after the
 * signature was verified, so that nobody else can use it up, and before anything is done. `onEnded`: the session is over.
 */
export const claimOnce = async (
  database: Database,
  { sessionNonce, nonce }: { readonly sessionNonce: string; readonly nonce: string },
  onEnded: () => void = () => undefined,
): Promise<void> => {
  const claim = await claimNonce(database, sessionNonce, nonce);
  if (claim === 'claimed') return;
  if (claim === 'replayed') return refuse('auth-replayed');
  onEnded();
  return refuse('auth-session-unknown');
};
