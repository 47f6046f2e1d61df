/** What one HTTP exchange carried, in short. */
export interface WireExchange {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly requestBytes: number;
  readonly answerBytes: number;
  /** The BRC-104 and BRC-105 headers that matter to the reader, as `> name` (sent) and `< name: value` (received). */
  readonly notes: readonly string[];
  readonly paymentHeader: string | undefined;
  readonly problemCode: string | undefined;
}

type Fetch = typeof globalThis.fetch;
type Rewrite = (headers: Headers) => void;

const bodyBytes = (body: unknown): number => {
  if (typeof body === 'string') return Buffer.byteLength(body);
  return body instanceof Uint8Array ? body.byteLength : 0;
};

const describe = (sent: Headers, received: Headers): string[] => {
  const notes: string[] = [];
  if (sent.has('x-bsv-auth-signature')) notes.push('> signed by the caller (BRC-104)');
  if (sent.has('x-bsv-payment'))
    notes.push(`> x-bsv-payment, ${sent.get('x-bsv-payment')?.length ?? 0} bytes (BRC-105)`);
  const price = received.get('x-bsv-payment-satoshis-required');
  if (price !== null)
    notes.push(`< pay ${price} satoshis to ${received.get('x-bsv-payment-derivation-prefix') ?? '?'}`);
  if (received.has('x-bsv-auth-signature')) notes.push('< signed by the gateway (BRC-104)');
  return notes;
};

const readCode = (text: string): string | undefined => {
  try {
    const code: unknown = (JSON.parse(text) as { code?: unknown } | null)?.code;
    return typeof code === 'string' ? code : undefined;
  } catch {
    return undefined;
  }
};

/** Watches the global `fetch`, which `AuthFetch` uses: install it before `@bsv/sdk` is loaded, since the SDK keeps the function it finds then. */
export class WireTap {
  readonly #exchanges: WireExchange[] = [];
  #rewrite: Rewrite | undefined;

  static install(): WireTap {
    const tap = new WireTap();
    const original = globalThis.fetch;
    globalThis.fetch = async (input, init) => await tap.#exchange(original, input, init);
    return tap;
  }

  /** Changes the headers of every signed request from now on: what an attacker does between the signature and the wire. */
  rewrite(change: Rewrite | undefined): void {
    this.#rewrite = change;
  }

  /** The exchanges since the last call. */
  take(): WireExchange[] {
    return this.#exchanges.splice(0);
  }

  async #exchange(original: Fetch, input: Parameters<Fetch>[0], init: RequestInit | undefined): Promise<Response> {
    const url = new URL(input instanceof Request ? input.url : input.toString());
    const headers = new Headers(init?.headers);
    if (headers.has('x-bsv-auth-signature')) this.#rewrite?.(headers);
    const response = await original(input, { ...init, headers });
    const answer = Buffer.from(await response.clone().arrayBuffer());
    this.#exchanges.push({
      method: init?.method ?? 'GET',
      path: `${url.pathname}${url.search}`,
      status: response.status,
      requestBytes: bodyBytes(init?.body),
      answerBytes: answer.byteLength,
      notes: describe(headers, response.headers),
      paymentHeader: headers.get('x-bsv-payment') ?? undefined,
      problemCode: response.ok ? undefined : readCode(answer.toString('utf8')),
    });
    return response;
  }
}
