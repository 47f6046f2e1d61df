/** One field of a log line; a caller may put 4 MiB in a header or a path, and a log line must stay readable. */
export const FIELD_CHARS_MAX = 1_024;
/** Our own stack traces; longer than a field because the useful frame may be deep. */
const STACK_CHARS_MAX = 4_096;
const DEPTH_MAX = 5;
const ENTRIES_MAX = 64;
const HIDDEN = '[secret]';

// Names under which a secret could travel into a log by mistake; the values of CONFIG are safe already (class Secret).
const SECRET_NAME = /authori[sz]ation|cookie|password|private|secret|token|api-?key|signature|x-bsv-payment/iu;
const URL_PASSWORD = /:\/\/[^\s/@]{1,512}@/gu;

const cap = (text: string, charsMax: number): string =>
  text.length > charsMax ? `${text.slice(0, charsMax)}… (${String(text.length)} characters)` : text;

export const cleanText = (text: string, charsMax = FIELD_CHARS_MAX): string =>
  cap(text, charsMax).replace(URL_PASSWORD, `://${HIDDEN}@`);

/** A copy that is safe to write: capped, secrets by name hidden, errors reduced to what an operator needs. */
export function cleanFields(fields: object): Record<string, unknown> {
  return cleanObject(fields, 0);
}

function cleanObject(value: object, depth: number): Record<string, unknown> {
  const entries = Object.entries(value).slice(0, ENTRIES_MAX);
  return Object.fromEntries(
    entries.map(([name, entry]) => [cap(name, 128), SECRET_NAME.test(name) ? HIDDEN : cleanValue(entry, depth + 1)]),
  );
}

const isPrintable = (value: object): value is { toJSON: () => unknown } =>
  'toJSON' in value && typeof value.toJSON === 'function';

function cleanValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return cleanError(value, depth);
  if (value instanceof Uint8Array) return `[${String(value.byteLength)} bytes]`;
  if (value instanceof Date) return value;
  if (depth > DEPTH_MAX) return '[deep]';
  if (Array.isArray(value)) return value.slice(0, ENTRIES_MAX).map((entry: unknown) => cleanValue(entry, depth + 1));
  if (isPrintable(value)) return cleanValue(value.toJSON(), depth + 1);
  return cleanObject(value, depth);
}

/** Only name, code, message, stack and cause: driver errors carry row values and connection settings in other fields. */
function cleanError(error: Error, depth: number): Record<string, unknown> {
  const code = (error as NodeJS.ErrnoException).code;
  return {
    name: cleanText(error.name),
    ...(code === undefined ? {} : { code: cleanText(code) }),
    message: cleanText(error.message),
    ...(error.stack === undefined ? {} : { stack: cleanText(error.stack, STACK_CHARS_MAX) }),
    ...(error.cause instanceof Error && depth < DEPTH_MAX ? { cause: cleanError(error.cause, depth + 1) } : {}),
  };
}

// DEL, the C1 controls (a terminal may obey them) and the two line separators that JSON leaves raw.
const RAW_CONTROL = /[\u007f-\u009f\u2028\u2029]/gu;

/** JSON escapes C0 controls; this escapes what JSON lets through, so one record is one line on every reader. */
export const escapeControls = (line: string): string =>
  line.replace(RAW_CONTROL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
