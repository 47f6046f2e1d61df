/** Of the WebSockets that carry events. */
export interface SocketLimits {
  /** Between two pings. Below the idle time of common proxies. */
  readonly beatMs: number;
  /** Pings without an answer after which a connection is cut [readers that stopped reading]. */
  readonly beatsUnansweredMax: number;
  /** A message of a subscriber. It has nothing to say [giant frames]. */
  readonly messageBytesMax: number;
  /** Everything that it sends between two pings: answers to them, and pings of its own [floods of frames that are no message]. */
  readonly receivedBytesOfBeatMax: number;
  /** For the answer to a goodbye; then the connection is cut. */
  readonly goodbyeMs: number;
}

export const SOCKET_LIMITS: SocketLimits = {
  beatMs: 15_000,
  beatsUnansweredMax: 2,
  messageBytesMax: 1_024,
  receivedBytesOfBeatMax: 65_536,
  goodbyeMs: 3_000,
};
