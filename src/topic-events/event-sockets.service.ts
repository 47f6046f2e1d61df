import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { WebSocketServer, type WebSocket } from 'ws';
import { accept, reject, type Result } from '#atomic-core';
import { signUpgradeHead } from '../identity';
import { RejectionError, actBeforeAnswer, takeUpgrade } from '../ingress';
import { EventSocket } from './event-socket';
import type { EventStream } from './event-stream';
import { SOCKET_LIMITS } from './socket-limits';

const VERSION = '13';
const KEY = /^[+/0-9A-Za-z]{22}==$/;
/** They describe an answer with a body, which an answer to an upgrade is not. */
const OF_BODIES = new Set(['content-type', 'content-length', 'transfer-encoding', 'connection', 'keep-alive']);

/** Goes on with a connection as a WebSocket, for a request that was let in like any other. */
/** 101 */
const SWITCHING = 101;

@Injectable()
export class EventSockets implements OnApplicationShutdown {
  readonly #server = new WebSocketServer({
    ...{ noServer: true, clientTracking: false, perMessageDeflate: false },
    ...{ maxPayload: SOCKET_LIMITS.messageBytesMax, closeTimeout: SOCKET_LIMITS.goodbyeMs },
  });
  readonly #sockets = new Set<EventSocket>();
  readonly #heads = new WeakMap<IncomingMessage, Readonly<Record<string, string>>>();
  #timer: NodeJS.Timeout | undefined;

  constructor() {
    this.#server.on('headers', (lines, request) => {
      for (const [name, value] of Object.entries(this.#heads.get(request) ?? {})) lines.push(`${name}: ${value}`);
    });
  }

  /** Whether the handshake is one; before anything is opened for it, and answered as a problem: the library would write an answer of its own. */
  judgeHandshake({ headers, raw }: FastifyRequest): Result<undefined> {
    if (headers['sec-websocket-version'] !== VERSION)
      throw new RejectionError(
        { code: 'request-malformed', detail: `The only version of WebSocket is ${VERSION}.` },
        { headers: { 'sec-websocket-version': VERSION } },
      );
    if (raw.httpVersion !== '1.1' || !KEY.test(headers['sec-websocket-key'] ?? ''))
      return reject('request-malformed', 'The handshake of a WebSocket has a Sec-WebSocket-Key of 16 octets.');
    if (headers['sec-websocket-protocol'] !== undefined)
      return reject('request-malformed', 'No subprotocol is spoken here.');
    return accept(undefined);
  }

  /** After the handshake was judged. The stream belongs to the connection from here on, and ends with it. */
  async connect(request: FastifyRequest, reply: FastifyReply, stream: EventStream): Promise<void> {
    // The door sees no answer of a connection that is handed over.
    await actBeforeAnswer(request, SWITCHING);
    const headers = readHeaders(reply);
    this.#heads.set(request.raw, { ...headers, ...signUpgradeHead(request, headers) });
    const { socket, head } = takeUpgrade(request);
    reply.hijack();
    this.#server.handleUpgrade(request.raw, socket, head, (opened) => this.#run(opened, socket as Socket, stream));
  }

  onApplicationShutdown(): void {
    clearInterval(this.#timer);
    this.#server.close();
  }

  #run(opened: WebSocket, connection: Socket, stream: EventStream): void {
    this.#timer ??= setInterval(() => this.#beat(), SOCKET_LIMITS.beatMs).unref();
    const socket = new EventSocket(opened, connection, stream, SOCKET_LIMITS);
    this.#sockets.add(socket);
    opened.once('close', () => this.#sockets.delete(socket));
    void socket.run();
  }

  #beat(): void {
    for (const socket of this.#sockets) socket.beat();
  }
}

function readHeaders(reply: FastifyReply): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined && !OF_BODIES.has(name))
      headers[name] = Array.isArray(value) ? value.join(', ') : String(value);
  }
  return headers;
}
