/** The database cannot be used by this binary; the message is the one sentence that the operator sees. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
}
