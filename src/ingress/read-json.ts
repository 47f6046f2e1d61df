import { type Result, accept, reject } from '#atomic-core';
import { JSON_DEPTH_MAX, JSON_MEMBERS_MAX } from './door-limits';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

// With the u flag a surrogate pair is one character, so this matches only a lone half.
const LONE_SURROGATE = /\p{Surrogate}/u;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;

interface Frame {
  /** Keys seen so far; undefined inside an array. */
  readonly keys: Set<string> | undefined;
  awaitsKey: boolean;
}

/**
 * Reads JSON that other readers cannot understand differently: UTF-8 without lone surrogates, no repeated keys (RFC 8259 leaves their
 * meaning open), no keys that reach a prototype, bounded depth and members. The bounds are checked in one pass before anything is built.
 */
export function readJson(octets: Uint8Array): Result<unknown> {
  const text = decode(octets);
  if (text === undefined) return reject('request-malformed', 'The body is not UTF-8.');
  const problem = findShapeProblem(text);
  if (problem !== undefined) return reject('request-malformed', problem);
  try {
    return accept(JSON.parse(text, refuseInfinity) as unknown);
  } catch {
    return reject('request-malformed', 'The body is not JSON.');
  }
}

/** 1e400 is valid JSON and reads as Infinity, which no schema of ours should have to think of. */
function refuseInfinity(_key: string, value: unknown): unknown {
  if (value === Infinity || value === -Infinity) throw new RangeError('number out of range');
  return value;
}

function decode(octets: Uint8Array): string | undefined {
  try {
    return UTF8.decode(octets);
  } catch {
    return undefined;
  }
}

/** Walks the tokens without judging the grammar; whatever is not JSON is left for JSON.parse to refuse. */
function findShapeProblem(text: string): string | undefined {
  const frames: Frame[] = [];
  let members = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const frame = frames.at(-1);
    if (code === QUOTE) {
      const end = findStringEnd(text, at);
      if (end === -1) return 'The body is not JSON.';
      const problem = readString(text.slice(at, end + 1), frame);
      if (problem !== undefined) return problem;
      at = end;
    } else if (code === 0x7b || code === 0x5b) {
      if (frames.length === JSON_DEPTH_MAX) return `The JSON is nested deeper than ${String(JSON_DEPTH_MAX)}.`;
      frames.push({ keys: code === 0x7b ? new Set() : undefined, awaitsKey: code === 0x7b });
    } else if (code === 0x7d || code === 0x5d) {
      frames.pop();
    } else if (code === COMMA) {
      members += 1;
      if (members > JSON_MEMBERS_MAX) return `The JSON has more than ${String(JSON_MEMBERS_MAX)} members.`;
      if (frame?.keys !== undefined) frame.awaitsKey = true;
    } else if (code === COLON && frame !== undefined) {
      frame.awaitsKey = false;
    }
  }
  return undefined;
}

/** The index of the closing quote; native search, because a base64 BEEF is one string of megabytes. */
function findStringEnd(text: string, open: number): number {
  let quote = text.indexOf('"', open + 1);
  while (quote !== -1) {
    let backslashes = 0;
    while (text.charCodeAt(quote - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return quote;
    quote = text.indexOf('"', quote + 1);
  }
  return -1;
}

function readString(literal: string, frame: Frame | undefined): string | undefined {
  const isKey = frame?.keys !== undefined && frame.awaitsKey;
  // Without an escape a decoded string cannot hold a lone surrogate: UTF-8 has none.
  if (!isKey && !literal.includes('\\')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(literal);
  } catch {
    return 'The body is not JSON.';
  }
  const string = value as string;
  if (LONE_SURROGATE.test(string)) return 'A string of the JSON holds a lone surrogate.';
  if (!isKey) return undefined;
  if (FORBIDDEN_KEYS.has(string)) return 'The JSON holds a forbidden key.';
  if (frame.keys.has(string)) return 'The JSON holds a key twice.';
  frame.keys.add(string);
  return undefined;
}
