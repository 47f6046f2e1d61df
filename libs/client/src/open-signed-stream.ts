import { Utils } from '@bsv/sdk';
import type { WalletInterface } from '@bsv/sdk';
import { readProblem } from './problem';

export type SigningWallet = Pick<WalletInterface, 'getPublicKey' | 'createSignature' | 'verifySignature'>;

/** A BRC-103 session with one gateway, proven by its signature. */
export interface Session {
  readonly identityKey: string;
  readonly gatewayKey: string;
  /** Of this side. */
  readonly peerNonce: string;
  /** Of the gateway. */
  readonly sessionNonce: string;
}

export interface StreamRequest {
  readonly origin: string;
  /** As it stands in the request line. */
  readonly path: string;
  readonly query: string;
  readonly signal: AbortSignal;
}

/** An answer that should be the gateway's bears no signature of it, or a wrong one: somebody else is answering. */
export class UnsignedAnswer extends Error {
  override readonly name = 'UnsignedAnswer';
}

const PROTOCOL: [2, string] = [2, 'auth message signature'];
/** How BRC-104 writes that there is no query, or no body. */
const ABSENT = -1;

const randomNonce = (bytes: number): string =>
  Utils.toBase64(Array.from(crypto.getRandomValues(new Uint8Array(bytes))));

const octetsOf = (text: string, encoding: 'base64' | 'hex' = 'base64'): number[] =>
  Utils.toArray(text, encoding) as number[];

const writeText = (writer: Utils.Writer, text: string): void => {
  const octets = Utils.toArray(text, 'utf8');
  if (octets.length === 0) return void writer.writeVarIntNum(ABSENT);
  writer.writeVarIntNum(octets.length);
  writer.write(octets);
};

const isValid = async (
  wallet: SigningWallet,
  claim: Parameters<SigningWallet['verifySignature']>[0],
): Promise<boolean> => {
  try {
    return (await wallet.verifySignature(claim)).valid;
  } catch {
    // Wallets throw for a signature that is wrong, and for octets that are none.
    return false;
  }
};

/** The handshake of BRC-103. */
export const openSession = async (origin: string, wallet: SigningWallet, signal: AbortSignal): Promise<Session> => {
  const { publicKey: identityKey } = await wallet.getPublicKey({ identityKey: true });
  const peerNonce = randomNonce(48);
  const requestedCertificates = { certifiers: [], types: {} };
  const message = { version: '0.1', messageType: 'initialRequest', identityKey, initialNonce: peerNonce };
  const response = await fetch(`${origin}/.well-known/auth`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...message, requestedCertificates }),
    signal,
  });
  if (!response.ok) throw await readProblem(response);
  const answer = (await response.json()) as { identityKey: string; initialNonce: string; signature: number[] };
  const proven = await isValid(wallet, {
    data: [...octetsOf(peerNonce), ...octetsOf(answer.initialNonce)],
    signature: answer.signature,
    protocolID: PROTOCOL,
    keyID: `${peerNonce} ${answer.initialNonce}`,
    counterparty: answer.identityKey,
  });
  if (!proven) throw new UnsignedAnswer('The handshake is not signed by the gateway that it names.');
  return { identityKey, gatewayKey: answer.identityKey, peerNonce, sessionNonce: answer.initialNonce };
};

const signRequest = async (
  wallet: SigningWallet,
  session: Session,
  { path, query }: StreamRequest,
): Promise<{ requestId: string; headers: Record<string, string> }> => {
  const [nonce, requestId] = [randomNonce(32), randomNonce(32)];
  const writer = new Utils.Writer();
  writer.write(octetsOf(requestId));
  for (const part of ['GET', path, query]) writeText(writer, part);
  writer.writeVarIntNum(0); // no signed headers
  writer.writeVarIntNum(ABSENT); // no body
  const { signature } = await wallet.createSignature({
    data: writer.toArray(),
    protocolID: PROTOCOL,
    keyID: `${nonce} ${session.sessionNonce}`,
    counterparty: session.gatewayKey,
  });
  const headers = {
    'x-bsv-auth-version': '0.1',
    'x-bsv-auth-identity-key': session.identityKey,
    'x-bsv-auth-nonce': nonce,
    'x-bsv-auth-your-nonce': session.sessionNonce,
    'x-bsv-auth-request-id': requestId,
    'x-bsv-auth-signature': Utils.toHex(signature),
  };
  return { requestId, headers };
};

/** Of a stream the head is signed, as that of an answer without a body: the octets that follow it are covered by TLS alone. */
const verifyHead = async (
  wallet: SigningWallet,
  session: Session,
  { status, headers }: Response,
  requestId: string,
): Promise<boolean> => {
  const signed = [...headers]
    .filter(([name]) => name.startsWith('x-bsv-') && !name.startsWith('x-bsv-auth'))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const writer = new Utils.Writer();
  writer.write(octetsOf(requestId));
  writer.writeVarIntNum(status);
  writer.writeVarIntNum(signed.length);
  for (const text of signed.flat()) writeText(writer, text);
  writer.writeVarIntNum(0);
  return isValid(wallet, {
    data: writer.toArray(),
    signature: octetsOf(headers.get('x-bsv-auth-signature') ?? '', 'hex'),
    protocolID: PROTOCOL,
    keyID: `${headers.get('x-bsv-auth-nonce') ?? ''} ${session.peerNonce}`,
    counterparty: session.gatewayKey,
  });
};

/** A signed GET whose answer is read while it is sent, which `AuthFetch` cannot do. A refusal is thrown as the problem that it is. */
export const openSignedStream = async (
  wallet: SigningWallet,
  session: Session,
  request: StreamRequest,
): Promise<Response & { body: ReadableStream<Uint8Array> }> => {
  const { requestId, headers } = await signRequest(wallet, session, request);
  const response = await fetch(`${request.origin}${request.path}${request.query}`, {
    headers: { ...headers, accept: 'text/event-stream' },
    redirect: 'error',
    signal: request.signal,
  });
  if (!response.ok) throw await readProblem(response);
  if (response.body === null || !(await verifyHead(wallet, session, response, requestId)))
    throw new UnsignedAnswer('The answer is not signed by the gateway of this session.');
  return response as Response & { body: ReadableStream<Uint8Array> };
};
