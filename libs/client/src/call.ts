/** One call of the gateway, as it is sent and perhaps sent again. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether an answer is worth another attempt although it is no refusal. */
  readonly isUnfinished?: (response: Response) => Promise<boolean>;
}

/** Sends it, repeats it where that is safe, throws a refusal. */
export type Send = (call: Call) => Promise<Response>;
