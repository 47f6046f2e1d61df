import { PAGE_STYLE, escapeHtml } from '../ingress';
import type { PresentPerson } from './person-sessions.service';

const page = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title><style>${PAGE_STYLE}</style></head><body><h1>${escapeHtml(title)}</h1>
${body}</body></html>`;

const row = (name: string, value: string): string => `<tr><th>${name}</th><td>${escapeHtml(value)}</td></tr>`;
const link = (path: string): string => `<li><a href="${escapeHtml(path)}"><code>${escapeHtml(path)}</code></a></li>`;

const LOGOUT = `<form method="post" action="/people/logout"><button>Log out</button>
<button name="everywhere" value="1">Log out everywhere</button></form>`;

/** Who somebody is here, and what they may open. */
export const writePersonPage = (person: PresentPerson, paths: readonly string[]): string => {
  const { session, organisation, roles } = person;
  const { issuer, subject, displayName, endsAt } = session;
  return page(
    displayName ?? subject,
    `<table>${row('Account', subject)}${row('Of', issuer)}${row('Organisation', organisation)}${row('Roles', roles.join(', '))}
${row('Until', endsAt.toISOString())}</table><h2>To read</h2><ul>${paths.map(link).join('')}</ul>${LOGOUT}`,
  );
};

export const writeStrangerPage = (isProviderSet: boolean): string =>
  page(
    'Portcullis',
    isProviderSet
      ? '<p>You are not logged in.</p><p><a href="/people/login">Log in</a></p>'
      : '<p>No identity provider is set here, so nobody can log in. <code>PORTCULLIS_OIDC_ISSUER</code> sets one.</p>',
  );

/** A form and not the link itself: programs that look at links before people do would use it up. */
export const writeSetupPage = (token: string): string =>
  page(
    'Set up this gateway',
    `<p>Whoever goes on from here becomes its owner. The link works once.</p><form method="post" action="/people/setup">
<input type="hidden" name="token" value="${escapeHtml(token)}">
<label>Name of your organisation <input name="organisation" required pattern="[a-z0-9][a-z0-9\\-]{0,62}" value="operator"></label>
<label>Your identity key, if you have a wallet <input name="identityKey" pattern="0[23][0-9a-f]{64}"></label>
<button>Become the owner</button></form>`,
  );

export interface FirstOwner {
  readonly organisation: string;
  readonly identityKey: string | undefined;
}

/** What to write into the configuration, so that what the link gave lasts longer than its session. */
export const writeOwnerPage = ({ organisation, identityKey }: FirstOwner): string => {
  const members = identityKey === undefined ? [] : [{ identityKey, roles: ['owner'] }];
  const settings = [
    `PORTCULLIS_ORGANISATIONS='${JSON.stringify({ [organisation]: members })}'`,
    "PORTCULLIS_OIDC_ISSUER='https://login.example.com'",
    "PORTCULLIS_OIDC_CLIENT_ID='portcullis'",
    `PORTCULLIS_OIDC_ROLES='${JSON.stringify({ 'portcullis-owner': { organisation, roles: ['owner'] } })}'`,
  ];
  return page(
    'You are the owner',
    `<p>For as long as this session lasts, and nobody is named in the configuration. Put into it who is to operate this gateway:
the first line names ${identityKey === undefined ? 'your organisation' : 'your key'}, the others let people in with accounts of your identity provider.</p>
<pre>${escapeHtml(settings.join('\n'))}</pre><p>With the next start the setup link and this session are worth nothing.</p>
<p><a href="/people">Go on</a></p>`,
  );
};
