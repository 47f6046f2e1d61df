import { rejections } from '#atomic-core';
import { toSchema } from './build-document';
import type { Content, Operation } from './operation';
import { listProblems } from './problems';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escape = (text: string): string => text.replace(/[&<>"']/gu, (character) => ESCAPES[character] ?? '');
/** Escaped, with `code` spans of the same light notation that OpenAPI descriptions use. */
const prose = (text: string): string => escape(text).replace(/`([^`]*)`/gu, '<code>$1</code>');
const jsonBlock = (value: unknown): string => `<pre>${escape(JSON.stringify(value, null, 2))}</pre>`;

const ACCESS: Readonly<Record<Operation['access'], string>> = {
  'brc-103': 'BRC-103 mutual authentication; may have a price (402, BRC-105)',
  'callback-token': 'Bearer token of the broadcaster',
  'facilitator-token': 'Bearer token of a server of the operator',
  open: 'Open',
  overlay:
    'Open for names that the operator opened; any other needs BRC-103 mutual authentication and may have a price',
  person: 'Open; shows more to whoever is logged in',
};

const STYLE = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1.5rem}
h1,h2{line-height:1.2}section{border-top:1px solid #8884;padding:.5rem 0}code,pre{font:13px/1.45 ui-monospace,monospace}
pre{overflow:auto;padding:.75rem;background:#8881;border-radius:6px}.verb{display:inline-block;min-width:3.5em;font-weight:700}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #8883}
summary{cursor:pointer}nav a{display:block}`;

/** Our own stylesheet is inline; its hash is what the policy allows, and nothing else is loaded or run. */
export const PAGE_STYLE = STYLE;

export interface PageNotes {
  readonly version: string;
  readonly network: string;
}

/** The document for people: no script, no asset, nothing from elsewhere. */
export function writePage(operations: readonly Operation[], { version, network }: PageNotes): string {
  const devnet =
    network === 'devnet'
      ? '<p><strong>This gateway runs on a development network; nothing on it has value.</strong></p>'
      : '';
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Portcullis</title><style>${STYLE}</style></head><body><h1>Portcullis <small>${escape(version)}</small></h1>${devnet}
<p>An enterprise integration gateway for BSV on <strong>${escape(network)}</strong>. The same as a machine reads it:
<a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1).</p>
<nav aria-label="Routes">${operations.map(writeLink).join('')}<a href="#problems">Problems</a></nav>
${operations.map(writeSection).join('')}${writeProblemTable()}</body></html>`;
}

const writeLink = ({ operationId, method, path }: Operation): string =>
  `<a href="#${operationId}"><span class="verb">${method.toUpperCase()}</span> <code>${escape(path)}</code></a>`;

function writeSection(operation: Operation): string {
  const { operationId, method, path, summary, description, access, people } = operation;
  const { parameters = [], body = [], answers } = operation;
  const rows = parameters.map(
    (parameter) =>
      `<tr><td><code>${escape(parameter.name)}</code></td><td>${parameter.in}</td><td>${prose(parameter.description)}</td></tr>`,
  );
  const answerBlocks = Object.entries(answers).map(
    ([status, answer]) =>
      `<h3>${status}</h3><p>${prose(answer.description)}</p>${answer.contents.map(writeContent).join('')}`,
  );
  const problems = listProblems(operation).map((code) => `<a href="#${code}"><code>${code}</code></a>`);
  return `<section id="${operationId}"><h2><span class="verb">${method.toUpperCase()}</span> <code>${escape(path)}</code></h2>
<p>${prose(summary)}.</p>${description === undefined ? '' : `<p>${prose(description)}</p>`}<p>${ACCESS[access]}${people === true ? '; or the session of a person, or a client certificate' : ''}.</p>
${rows.length === 0 ? '' : `<table><tr><th>Parameter</th><th>In</th><th>Meaning</th></tr>${rows.join('')}</table>`}
${body.length === 0 ? '' : `<h3>Body</h3>${body.map(writeContent).join('')}`}${answerBlocks.join('')}
<details><summary>Problems</summary><p>${problems.join(' · ')}</p></details></section>`;
}

function writeContent({ mediaType, schema, example }: Content): string {
  const shape =
    schema === undefined
      ? '<p>Octets.</p>'
      : `<details><summary>Schema</summary>${jsonBlock(toSchema(schema))}</details>`;
  return `<p><code>${escape(mediaType)}</code></p>${shape}${example === undefined ? '' : jsonBlock(example)}`;
}

function writeProblemTable(): string {
  const rows = Object.entries(rejections).map(
    ([code, { status, sentence, next }]) =>
      `<tr id="${code}"><td><code>${code}</code></td><td>${String(status)}</td><td>${prose(sentence)}</td><td>${next}</td></tr>`,
  );
  return `<section id="problems"><h2>Problems</h2><p>Every refusal is <code>application/problem+json</code> (RFC 9457) with one of these codes.
<code>next</code> says what to do: send the same bytes again (<code>retry-same</code>), <code>pay</code>, <code>fix</code> the request, or <code>stop</code>.</p>
<table><tr><th>Code</th><th>Status</th><th>Meaning</th><th>Next</th></tr>${rows.join('')}</table></section>`;
}
