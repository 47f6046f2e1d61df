import type { LoggerService } from '@nestjs/common';
import pino, { type DestinationStream, type Logger } from 'pino';
import { cleanFields, cleanText, escapeControls } from './clean-field';
import { findRequestScope } from './request-scope';

export interface LogOptions {
  readonly level: string;
  /** Where lines go; standard output when absent. */
  readonly destination?: DestinationStream;
}

type Level = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

/** JSON lines on standard output; also what Nest's own `Logger` writes to. One call is one line, whatever is in it. */
export class Log implements LoggerService {
  readonly #pino: Logger;

  constructor(options: LogOptions) {
    this.#pino = createPino(options);
  }

  /** A line with fields: the message says what happened, the fields say to what. */
  write(level: Level, message: string, fields: object = {}): void {
    this.#pino[level](cleanFields(fields), cleanText(message));
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.#relay('info', message, rest);
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.#relay('error', message, rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.#relay('warn', message, rest);
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.#relay('debug', message, rest);
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.#relay('trace', message, rest);
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.#relay('fatal', message, rest);
  }

  /** Nest passes (message, ...details, context), and a stack as a string before the context of an error. */
  #relay(level: Level, message: unknown, rest: readonly unknown[]): void {
    const context = rest.at(-1);
    const named = typeof context === 'string' ? { context } : {};
    const details = typeof context === 'string' ? rest.slice(0, -1) : rest;
    const extra = details.length === 0 ? {} : { details: details.length === 1 ? details[0] : details };
    if (message instanceof Error) this.write(level, message.message, { ...named, error: message });
    else if (typeof message === 'object' && message !== null)
      this.write(level, 'event', { ...named, ...extra, ...message });
    else this.write(level, String(message), { ...named, ...extra });
  }
}

function createPino({ level, destination }: LogOptions): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    mixin: () => ({ ...findRequestScope() }),
    hooks: { streamWrite: escapeControls },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
