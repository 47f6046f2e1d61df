import { Client } from 'pg';

/** Given the text of a statement and how to ask it; answers what is to be answered. */
export type Interceptor = (text: string, ask: () => Promise<unknown>) => Promise<unknown>;

type Ask = (this: Client, question: unknown, ...rest: unknown[]) => unknown;

const textOf = (question: unknown): string | undefined => {
  const text = typeof question === 'object' && question !== null && 'text' in question ? question.text : question;
  return typeof text === 'string' ? text : undefined;
};

/** Every statement that this process asks from now on, prepared or not, on whichever connection, goes through `intercept`. Answers how to end that. */
export const interceptStatements = (intercept: Interceptor): (() => void) => {
  const prototype = Client.prototype as unknown as { query: Ask };
  const { query } = prototype;
  prototype.query = function (question, ...rest) {
    const ask = (): Promise<unknown> => query.call(this, question, ...rest) as Promise<unknown>;
    const text = textOf(question);
    const isPromised = text !== undefined && typeof rest.at(-1) !== 'function';
    return isPromised ? intercept(text, ask) : query.call(this, question, ...rest);
  };
  return () => void (prototype.query = query);
};
