/** The queue's own server did not answer when the relay opened it. */
export class QueueUnavailableError extends Error {
  override readonly name = 'QueueUnavailableError';

  constructor() {
    super('The queue cannot be reached: Redis does not answer at PORTCULLIS_REDIS_URL.');
  }
}
