import { randomBytes } from 'node:crypto';
import type { ProtoWallet } from '@bsv/sdk';
import { writeRequestPayload, writeResponsePayload } from '#atomic-core';

export interface RawRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
  /** `code` of a problem, ours or the stock middleware's. */
  readonly code: string | undefined;
}

/** A request that changes something, as far as the handler knows. */
export const echoRequest: RawRequest = {
  method: 'POST',
  url: '/v1/test/echo',
  headers: { 'content-type': 'application/json' },
  body: '{"amount":1}',
};

export const replaceHeaders = (request: RawRequest, headers: Record<string, string>): RawRequest => ({
  ...request,
  headers: { ...request.headers, ...headers },
});

const PROTOCOL: [2, string] = [2, 'auth message signature'];

export const readAnswer = async (response: Response): Promise<RawAnswer> => {
  const body = Buffer.from(await response.arrayBuffer());
  let code: string | undefined;
  try {
    code = (JSON.parse(body.toString('utf8')) as { code?: string } | null)?.code;
  } catch {
    code = undefined;
  }
  return { status: response.status, headers: response.headers, body, code };
};

export const sendHttp = async (origin: string, request: RawRequest, signal?: AbortSignal): Promise<RawAnswer> => {
  const { method, url, headers = {}, body } = request;
  const response = await fetch(`${origin}${url}`, {
    method,
    headers: { ...headers },
    redirect: 'manual',
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : Buffer.from(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  return readAnswer(response);
};

export const sendAuthMessage = (origin: string, message: unknown, signal?: AbortSignal): Promise<RawAnswer> =>
  sendHttp(
    origin,
    {
      method: 'POST',
      url: '/.well-known/auth',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(message),
    },
    signal,
  );

export const writeInitialRequest = (
  identityKey: string,
  initialNonce = randomBytes(48).toString('base64'),
): unknown => ({
  version: '0.1',
  messageType: 'initialRequest',
  identityKey,
  initialNonce,
  requestedCertificates: { certifiers: [], types: {} },
});

/** A caller that signs what it is told and sends what it likes: for attacks, and for looking at single messages. */
export class RawCaller {
  private constructor(
    readonly origin: string,
    private readonly wallet: ProtoWallet,
    readonly identityKey: string,
    readonly peerNonce: string,
    readonly sessionNonce: string,
    readonly gatewayKey: string,
  ) {}

  static async open(origin: string, wallet: ProtoWallet): Promise<RawCaller> {
    const { publicKey } = await wallet.getPublicKey({ identityKey: true });
    // As `createNonce` makes it: peers that check their own nonce find it right.
    const peerNonce = randomBytes(48).toString('base64');
    const answer = await sendAuthMessage(origin, writeInitialRequest(publicKey, peerNonce));
    if (answer.status !== 200)
      throw new Error(`The handshake was answered ${answer.status}: ${answer.body.toString()}`);
    const { initialNonce, identityKey } = JSON.parse(answer.body.toString()) as Record<string, string>;
    return new RawCaller(origin, wallet, publicKey, peerNonce, initialNonce ?? '', identityKey ?? '');
  }

  /** The same session at another replica. */
  at(origin: string): RawCaller {
    return new RawCaller(origin, this.wallet, this.identityKey, this.peerNonce, this.sessionNonce, this.gatewayKey);
  }

  /** The request with the headers that sign it. */
  async sign(request: RawRequest): Promise<RawRequest> {
    const nonce = randomBytes(32).toString('base64');
    const requestId = randomBytes(32).toString('base64');
    const rawHeaders = Object.entries(request.headers ?? {}).flat();
    const body = Buffer.from(request.body ?? '');
    const payload = writeRequestPayload(requestId, { ...request, rawHeaders, body });
    if (!payload.ok) throw new Error(payload.rejection.detail);
    const { signature } = await this.wallet.createSignature({
      data: [...payload.value],
      protocolID: PROTOCOL,
      keyID: `${nonce} ${this.sessionNonce}`,
      counterparty: this.gatewayKey,
    });
    const auth = {
      'x-bsv-auth-version': '0.1',
      'x-bsv-auth-identity-key': this.identityKey,
      'x-bsv-auth-nonce': nonce,
      'x-bsv-auth-your-nonce': this.sessionNonce,
      'x-bsv-auth-request-id': requestId,
      'x-bsv-auth-signature': Buffer.from(signature).toString('hex'),
    };
    return { ...request, headers: { ...request.headers, ...auth } };
  }

  async send(request: RawRequest): Promise<RawAnswer> {
    return sendHttp(this.origin, await this.sign(request));
  }

  /** As `AuthFetch` verifies: with the body length that came, for this session's nonce. */
  async isSignedForMe({ status, headers, body }: RawAnswer): Promise<boolean> {
    const requestId = headers.get('x-bsv-auth-request-id');
    const nonce = headers.get('x-bsv-auth-nonce');
    const signature = headers.get('x-bsv-auth-signature');
    if (requestId === null || nonce === null || signature === null) return false;
    const payload = writeResponsePayload(requestId, { status, headers: Object.fromEntries(headers), body });
    try {
      const { valid } = await this.wallet.verifySignature({
        data: [...payload],
        signature: [...Buffer.from(signature, 'hex')],
        protocolID: PROTOCOL,
        keyID: `${nonce} ${this.peerNonce}`,
        counterparty: this.gatewayKey,
      });
      return valid;
    } catch {
      return false;
    }
  }
}
