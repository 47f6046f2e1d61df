import { createHash } from 'node:crypto';
import type { Problem } from './problem';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/gu, (one) => ESCAPES[one] ?? '');

/** Of the pages for people. Inline, and allowed by its hash. */
export const PAGE_STYLE = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:0 auto;padding:1.5rem}
code,pre{font:13px/1.45 ui-monospace,monospace}pre{overflow:auto;padding:.75rem;background:#8881;border-radius:6px}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #8883}label{display:block;margin:.75rem 0}
input{font:inherit;display:block;width:100%;box-sizing:border-box}button{font:inherit;margin:.25rem .5rem .25rem 0}`;

const STYLE_HASH = createHash('sha256').update(PAGE_STYLE).digest('base64');

/** Nothing is loaded, nothing runs, nobody frames it, and no address of it is told to other origins. `formAction`: where its forms may lead. */
export const makePagePolicy = (formAction = "'none'"): Readonly<Record<string, string>> => ({
  'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action ${formAction}; frame-ancestors 'none'`,
  // Without any referrer a browser sends `Origin: null` with our own forms, which says nothing of where they come from.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
});

export const PROBLEM_PAGE_POLICY = makePagePolicy();

/** The same problem as a machine would be told, for somebody in front of a browser. */
export const writeProblemPage = ({ title, detail, code, requestId }: Problem): string => {
  const more = detail === title ? '' : `<p>${escapeHtml(detail)}</p>`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title><style>${PAGE_STYLE}</style></head><body><h1>${escapeHtml(title)}</h1>${more}
<p><a href="/people">Begin again</a></p><p><small><code>${code}</code>, request <code>${escapeHtml(requestId)}</code></small></p></body></html>`;
};
