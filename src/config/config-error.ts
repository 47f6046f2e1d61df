/** The configuration cannot be used; the message is the one sentence that the operator sees. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
