import type { Route } from './http';
import type { Network } from './network';

/** Everything printed is a number or hexadecimal of our own making, so nothing needs escaping. */
const render = ({ state }: Network): string => {
  const blocks = state.best.slice(-12).reverse();
  const rows = blocks.map(
    ({ height, hash, time, txids }) =>
      `<tr><td>${height}</td><td><code>${hash}</code></td><td>${new Date(time * 1000).toISOString()}</td><td>${txids.length}</td></tr>`,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Development network</title>
<style>body{font:15px/1.5 system-ui;margin:2rem;max-width:70rem}td,th{padding:.2rem .8rem;text-align:left}
.warning{background:#fc3;padding:.8rem;font-weight:600}code{font-size:.85em}</style></head><body>
<p class="warning">This is a Portcullis development network. Its coins are worth nothing and its blocks prove nothing. Do not use it in production.</p>
<h1>Height ${state.tip.height}</h1><p>${state.listMempool().length} transactions in the mempool.</p>
<table><thead><tr><th>Height</th><th>Hash</th><th>Time</th><th>Transactions</th></tr></thead><tbody>${rows.join('')}</tbody></table>
<p>ARC API at <code>/arc</code>, headers at <code>/chaintracks/v2</code>, orders at <code>/admin</code> (this machine only).</p>
</body></html>`;
};

export const listPageRoutes = (network: Network): Route[] => [
  {
    method: 'GET',
    pattern: /^\/$/,
    run: () => ({
      status: 200,
      type: 'text/html; charset=utf-8',
      headers: { 'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'" },
      body: render(network),
    }),
  },
];
