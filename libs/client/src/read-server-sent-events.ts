export interface ServerSentEvent {
  readonly id: string;
  readonly name: string;
  readonly data: string;
}

/** Thousands of outputs in one event are some hundred kilobytes. What is longer is no event, and nobody's memory to take. */
const EVENT_CHARS_MAX = 16 * 1_048_576;

/** Nothing came for so long that the connection must be dead. */
export class StreamSilent extends Error {
  override readonly name = 'StreamSilent';
}

const within = async <T>(promise: Promise<T>, ms: number): Promise<T> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_resolve, fail) => {
    timer = setTimeout(() => fail(new StreamSilent(`Nothing came for ${ms} ms.`)), ms);
  });
  try {
    return await Promise.race([promise, silence]);
  } finally {
    clearTimeout(timer);
  }
};

const readEvent = (block: string): ServerSentEvent | undefined => {
  const fields = { id: '', event: '', data: '' };
  for (const line of block.split(/\r?\n/u)) {
    const [, name, value = ''] = /^(id|event|data): ?(.*)$/u.exec(line) ?? [];
    if (name === 'id' || name === 'event') fields[name] = value;
    else if (name === 'data') fields.data += fields.data === '' ? value : `\n${value}`;
  }
  return fields.event === '' ? undefined : { id: fields.id, name: fields.event, data: fields.data };
};

/** The events of a `text/event-stream`, whole ones only: what is cut off at the end never happened. Reads no further than it is asked. */
export async function* readServerSentEvents(
  body: ReadableStream<Uint8Array>,
  silentMsMax: number,
): AsyncGenerator<ServerSentEvent, void, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (;;) {
      const { done, value } = await within(reader.read(), silentMsMax);
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const blocks = text.split(/\r?\n\r?\n/u);
      text = blocks.pop() ?? '';
      if (text.length > EVENT_CHARS_MAX) throw new Error('An event of the stream is too long.');
      for (const block of blocks) {
        const event = readEvent(block);
        if (event !== undefined) yield event;
      }
    }
  } finally {
    void reader.cancel().catch(() => undefined); // the connection may be gone already
  }
}
