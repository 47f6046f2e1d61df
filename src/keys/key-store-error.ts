/** Keys cannot be used (`unusable`) or cannot be had now (`unavailable`). One sentence for the operator, and never a secret in it. */
export class KeyStoreError extends Error {
  override readonly name = 'KeyStoreError';

  constructor(
    readonly kind: 'unusable' | 'unavailable',
    sentence: string,
  ) {
    super(sentence);
  }
}

export const unusable = (sentence: string): KeyStoreError => new KeyStoreError('unusable', sentence);
export const unavailable = (sentence: string): KeyStoreError => new KeyStoreError('unavailable', sentence);
