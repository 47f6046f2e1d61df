import type { IncomingMessage } from 'node:http';
import { WebSocket, type ClientOptions } from 'ws';
import type { TopicEvent } from '#client';
import { waitUntil } from '#testkit';
import type { RawCaller } from './raw-caller';

export type SocketMessage = Partial<Omit<TopicEvent, 'kind'>> & { readonly kind: TopicEvent['kind'] | 'ready' };

/** What a plain HTTP answer says in place of 101. */
export interface Refusal {
  readonly status: number;
  readonly type: string | undefined;
  readonly code: unknown;
  readonly next: unknown;
  readonly headers: IncomingMessage['headers'];
}

/** One WebSocket as a subscriber sees it: what it was told, and how it ended. */
export class SocketReader {
  readonly messages: SocketMessage[] = [];
  head: IncomingMessage | undefined;
  refusal: Refusal | undefined;
  closed: { readonly code: number; readonly reason: string } | undefined;

  private constructor(readonly socket: WebSocket) {
    socket.on('upgrade', (head) => (this.head = head));
    socket.on('message', (data: Buffer) => this.messages.push(JSON.parse(data.toString('utf8')) as SocketMessage));
    socket.on('close', (code, reason) => (this.closed = { code, reason: reason.toString('utf8') }));
    socket.on('error', () => undefined); // told by how it closed
    socket.on('unexpected-response', (_request, answer) => void this.readRefusal(answer));
  }

  /** Until it is open or refused. */
  static async open(url: string, options: ClientOptions): Promise<SocketReader> {
    const reader = new SocketReader(new WebSocket(url.replace(/^http/u, 'ws'), options));
    await waitUntil('the upgrade is answered', () => reader.head !== undefined || reader.refusal !== undefined);
    return reader;
  }

  /** By somebody who signs. */
  static async openSigned(
    caller: RawCaller,
    path: string,
    headers: Record<string, string> = {},
  ): Promise<SocketReader> {
    const signed = await caller.sign({ method: 'GET', url: path, headers });
    return SocketReader.open(`${caller.origin}${path}`, { headers: { ...signed.headers } });
  }

  get events(): SocketMessage[] {
    return this.messages.filter(({ kind }) => kind !== 'ready');
  }
  get txids(): (string | undefined)[] {
    return this.events.map(({ txid }) => txid);
  }
  async waitReady(): Promise<void> {
    await waitUntil('it stands ready', () => this.messages.length > 0);
  }
  async waitFor(count: number): Promise<void> {
    await waitUntil(`${count} events are told`, () => this.events.length >= count);
  }
  async waitClosed(): Promise<{ readonly code: number; readonly reason: string }> {
    await waitUntil('it is closed', () => this.closed !== undefined);
    return this.closed!;
  }
  cut(): void {
    this.socket.terminate();
  }

  private async readRefusal(answer: IncomingMessage): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    const { code, next } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { code: unknown; next: unknown };
    const { statusCode: status = 0, headers } = answer;
    this.refusal = { status, type: headers['content-type'], code, next, headers };
  }
}
