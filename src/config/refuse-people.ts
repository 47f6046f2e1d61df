import { ConfigError } from './config-error';
import type { Settings } from './schema';

/** What would let people or machines in otherwise than the operator meant, or not at all, and say nothing. */
export function refuseUnfitPeople(settings: Settings): void {
  refuseHalfProvider(settings);
  refuseHalfTls(settings);
  refuseOpenProduction(settings);
  refuseUnknownTenants(settings);
}

function refuseHalfProvider({ oidcIssuer, oidcClientId, oidcRoles, publicUrl, tlsCert, profile }: Settings): void {
  if ((oidcIssuer === undefined) !== (oidcClientId === undefined))
    throw new ConfigError('People log in with both PORTCULLIS_OIDC_ISSUER and PORTCULLIS_OIDC_CLIENT_ID, or neither.');
  if (oidcIssuer === undefined) return;
  if (Object.keys(oidcRoles).length === 0)
    throw new ConfigError('Nobody who logs in would have a role; set PORTCULLIS_OIDC_ROLES.');
  if (publicUrl === undefined && profile === 'production')
    throw new ConfigError('The provider sends people back to PORTCULLIS_PUBLIC_URL; set it.');
  if (publicUrl !== undefined && new URL(publicUrl).pathname !== '/')
    throw new ConfigError('The pages for people are at the top of their host; PORTCULLIS_PUBLIC_URL has a path.');
  if (publicUrl?.startsWith('http://') === true && tlsCert !== undefined)
    throw new ConfigError('With PORTCULLIS_TLS_CERT the address in PORTCULLIS_PUBLIC_URL is an https one.');
}

function refuseHalfTls({ tlsCert, tlsKey, tlsClientCa, tlsClientCrl, tlsClients }: Settings): void {
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw new ConfigError('TLS needs both PORTCULLIS_TLS_CERT and PORTCULLIS_TLS_KEY.');
  if (tlsClientCa !== undefined && tlsCert === undefined)
    throw new ConfigError(
      'Client certificates are taken over TLS only; set PORTCULLIS_TLS_CERT and PORTCULLIS_TLS_KEY.',
    );
  if (tlsClientCa === undefined && (tlsClients.length > 0 || tlsClientCrl !== undefined))
    throw new ConfigError('Nobody says which client certificates are good; set PORTCULLIS_TLS_CLIENT_CA.');
}

/** A cookie or a code over plain HTTP belongs to whoever is on the way. */
function refuseOpenProduction({ profile, oidcIssuer, oidcOrigins, publicUrl }: Settings): void {
  if (profile !== 'production' || oidcIssuer === undefined) return;
  if ([oidcIssuer, publicUrl ?? '', ...oidcOrigins].some((url) => !url.startsWith('https://')))
    throw new ConfigError(
      'In production people log in over https only: PORTCULLIS_OIDC_ISSUER, PORTCULLIS_OIDC_ORIGINS and PORTCULLIS_PUBLIC_URL.',
    );
}

/** A misspelt name would be a tenant of its own, and empty. */
function refuseUnknownTenants({ oidcRoles, tlsClients, organisations }: Settings): void {
  const isUnknown = ({ organisation }: { organisation: string }): boolean =>
    !Object.hasOwn(organisations, organisation);
  if (Object.values(oidcRoles).some(isUnknown))
    throw new ConfigError('PORTCULLIS_OIDC_ROLES names an organisation that PORTCULLIS_ORGANISATIONS does not.');
  if (tlsClients.some(isUnknown))
    throw new ConfigError('PORTCULLIS_TLS_CLIENTS names an organisation that PORTCULLIS_ORGANISATIONS does not.');
}
