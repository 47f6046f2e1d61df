import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { EventStream } from './event-stream';
import type { SocketLimits } from './socket-limits';

/** Close codes (RFC 6455, section 7.4.1). */
const CLOSE = { going: 1001, over: 1008, notRead: 1003, tooMuch: 1008 } as const;

/** A frame that closes has room for so many octets of a reason. */
const REASON_CHARACTERS_MAX = 120;

/**
 * One subscriber over a WebSocket. A message is taken from the stream when the connection has taken the one before, so that a slow reader holds one page here
 * and one message, and whoever shows no life is cut. Nothing that a subscriber sends means anything; what it may send is bounded.
 */
export class EventSocket {
  #unanswered = 0;
  /** Octets since the last beat. */
  #received = 0;
  #cutOff: NodeJS.Timeout | undefined;

  constructor(
    private readonly socket: WebSocket,
    private readonly connection: Socket,
    private readonly stream: EventStream,
    private readonly limits: SocketLimits,
  ) {
    // Octets as they come, in front of the library: frames without content are no message, announced by nobody, and cost as much to read as any.
    connection.prependListener('data', (octets: Buffer) => this.#count(octets.length));
    socket.on('pong', () => (this.#unanswered = 0));
    socket.on('message', () => this.#close(CLOSE.notRead, 'nothing is read here'));
    // Broken, or sent what no WebSocket sends: the library says goodbye with the code for it (1002, 1007, 1009).
    socket.on('error', () => this.#expectEnd());
    socket.once('close', () => {
      clearTimeout(this.#cutOff);
      stream.destroy();
    });
    // A reader that has stopped does not let the last message go, nor the goodbye behind it.
    stream.once('ending', () => this.#expectEnd());
  }

  /** Until the stream or the connection ends. */
  async run(): Promise<void> {
    try {
      for await (const message of this.stream) await this.#send(message as string);
    } catch {
      // The connection went first, and the stream with it.
    }
    const { kind, reason } = this.stream.ending ?? { kind: 'going', reason: 'resume, please' };
    this.#close(CLOSE[kind], reason);
  }

  /** Once in a while, for all: whoever answered neither this time nor the time before is gone, or reads nothing. */
  beat(): void {
    if (this.#unanswered >= this.limits.beatsUnansweredMax) {
      this.socket.terminate();
      return;
    }
    this.#received = 0;
    this.#unanswered += 1;
    if (this.socket.readyState === this.socket.OPEN) this.socket.ping();
  }

  #count(octets: number): void {
    this.#received += octets;
    if (this.#received <= this.limits.receivedBytesOfBeatMax) return;
    this.#close(CLOSE.tooMuch, 'too much was sent');
    // Not one octet more is read from whoever goes on sending, and the connection ends behind the goodbye.
    this.socket.pause();
    this.connection.destroySoon();
  }

  #send(message: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.send(message, (error) => {
        if (error instanceof Error) reject(error);
        else resolve();
      });
    });
  }

  #close(code: number, reason: string): void {
    this.stream.destroy();
    this.socket.close(code, reason.slice(0, REASON_CHARACTERS_MAX));
    this.#expectEnd();
  }

  #expectEnd(): void {
    this.#cutOff ??= setTimeout(() => this.socket.terminate(), this.limits.goodbyeMs).unref();
  }
}
