/** The only way an extension reaches the network: outbound HTTP through `src/egress`, which allowlists, checks addresses at connect and budgets. */
export interface OutboundRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** Whole-exchange budget in milliseconds. */
  readonly timeoutMs: number;
  /** Answers larger than this are cut off and thrown away. */
  readonly answerBytesMax: number;
}

export interface OutboundAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface HttpClient {
  /** Throws on transport faults and broken budgets; any HTTP status is an answer. */
  send(request: OutboundRequest, signal?: AbortSignal): Promise<OutboundAnswer>;
}
