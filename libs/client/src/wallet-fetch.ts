import type { AuthFetch } from '@bsv/sdk';

/**
 * `AuthFetch` as the HTTP client of the SDK's own `HTTPWalletJSON`, for `<gateway>/v1/wallet`. BRC-104 signs `content-type` and `x-bsv-*` and `AuthFetch` throws on any
 * other header, while `HTTPWalletJSON` always sends `Accept`, and outside a browser `Origin`: they are left out here. Nothing else is changed.
 */
export const openWalletFetch =
  (authFetch: AuthFetch): typeof fetch =>
  (input, init = {}) => {
    const headers: Record<string, string> = {};
    for (const [name, value] of new Headers(init.headers)) if (isSigned(name)) headers[name] = value;
    const url = typeof input === 'string' ? input : 'url' in input ? input.url : input.href;
    const { method = 'GET', body } = init;
    return authFetch.fetch(url, { method, headers, ...(body === undefined || body === null ? {} : { body }) });
  };

const isSigned = (name: string): boolean =>
  name === 'content-type' || name === 'authorization' || name.startsWith('x-bsv-');
