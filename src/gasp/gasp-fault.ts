/**
 * Why something of a peer was not taken. `isPassing`: it may be different next time (unreachable, a block that we have not seen yet, a database that does not
 * answer), so it is asked for again; otherwise it is not worth another question before the whole list is read again.
 */
export class GaspFault extends Error {
  override readonly name = 'GaspFault';

  constructor(
    message: string,
    readonly isPassing: boolean,
  ) {
    super(message);
  }
}

/** The peer said something that is no answer to what it was asked. */
export const lie = (message: string): GaspFault => new GaspFault(message, false);

/** Nobody is to blame who could do better at once. */
export const outage = (message: string): GaspFault => new GaspFault(message, true);
