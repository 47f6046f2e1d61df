/** Where block headers come from. A source is never believed: its headers are checked before they are stored. */
export interface HeaderSource {
  readonly name: string;
  /** Height of the source's tip. Throws when the source does not answer. */
  fetchTipHeight(signal: AbortSignal): Promise<number>;
  /** Up to `count` consecutive 80-byte headers from `height` on; fewer at the tip. Throws when the source does not answer. */
  fetchHeaders(height: number, count: number, signal: AbortSignal): Promise<readonly Uint8Array[]>;
}
