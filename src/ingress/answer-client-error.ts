import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { type RejectionCode, rejections } from '#atomic-core';
import { PROBLEM_MEDIA_TYPE, REQUEST_ID_HEADER, writeProblem } from './problem';

const STATUS_TEXT: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  413: 'Content Too Large',
  431: 'Request Header Fields Too Large',
};
/** How long a refused client may go on writing before it is cut off. */
const LINGER_MS = 500;

const CODES: Readonly<Record<string, RejectionCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'body-too-large',
};

export interface RefusedConnection {
  readonly requestId: string;
  readonly code: RejectionCode;
  /** The parser's own code, for the log; never for the caller. */
  readonly cause: string;
}

/**
 * Answers what never became a request: Node's parser refused it or its time ran out. The connection ends here in every case, because
 * after bytes that could be read two ways nothing on it can be trusted. Undefined when there was nobody left to answer.
 */
export function answerClientError(
  error: NodeJS.ErrnoException,
  socket: Socket,
  headerBytesMax: number,
): RefusedConnection | undefined {
  const cause = error.code ?? 'UNKNOWN';
  if (cause === 'ECONNRESET' || !socket.writable || hasStartedAnswer(socket)) {
    socket.destroy();
    return undefined;
  }
  const code = CODES[cause] ?? 'request-malformed';
  const requestId = randomUUID();
  socket.end(writeRawProblem(code, requestId, headerBytesMax));
  lingerOn(socket);
  return { requestId, code, cause };
}

/** After the last that is written. Bytes left unread would make the kernel reset the connection, and the answer would be lost with it. */
export function lingerOn(socket: Socket): void {
  socket.removeAllListeners('data');
  socket.resume();
  const cutOff = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => {
    clearTimeout(cutOff);
  });
}

/** A second status line inside a half-sent answer would be read as its body. */
function hasStartedAnswer(socket: Socket): boolean {
  const { _httpMessage: current } = socket as Socket & { _httpMessage?: { headersSent?: boolean } | null };
  return current?.headersSent === true;
}

/** A payment is what makes headers large: its ancestors come with it. */
const explainHeaders = (bytesMax: number): string =>
  `All headers together may have ${String(bytesMax)} bytes. A payment that does not fit goes in the body, as the part x-bsv-payment of multipart/form-data (BRC-118).`;

function writeRawProblem(code: RejectionCode, requestId: string, headerBytesMax: number): string {
  const { status, sentence } = rejections[code];
  const detail = code === 'headers-too-large' ? explainHeaders(headerBytesMax) : sentence;
  const body = JSON.stringify(writeProblem({ code, detail }, requestId));
  return [
    `HTTP/1.1 ${String(status)} ${STATUS_TEXT[status] ?? 'Bad Request'}`,
    `content-type: ${PROBLEM_MEDIA_TYPE}`,
    `content-length: ${String(Buffer.byteLength(body))}`,
    `${REQUEST_ID_HEADER}: ${requestId}`,
    'cache-control: no-store',
    'connection: close',
    '',
    body,
  ].join('\r\n');
}
