import { readFileSync } from 'node:fs';
import type { ServerOptions } from 'node:https';
import { createSecureContext } from 'node:tls';
import { type Config, ConfigError } from '../config';

type TlsSettings = Pick<Config, 'tlsCert' | 'tlsKey' | 'tlsClientCa' | 'tlsClientCrl'>;

const readPem = (path: string, variable: string): Buffer => {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new ConfigError(
      `${variable}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}).`,
    );
  }
};

/**
 * Undefined where the gateway speaks plain HTTP. A client certificate is asked for where somebody is named whose certificates count, and never insisted on: who
 * has none proves by another way who it is. Whether one is good, the handshake finds out, and whoever relies on it asks (`socket.authorized`).
 */
export const readTls = (config: TlsSettings, handshakeTimeoutMs: number): ServerOptions | undefined => {
  const { tlsCert, tlsKey, tlsClientCa, tlsClientCrl } = config;
  if (tlsCert === undefined || tlsKey === undefined) return undefined;
  const pair = { cert: readPem(tlsCert, 'PORTCULLIS_TLS_CERT'), key: readPem(tlsKey, 'PORTCULLIS_TLS_KEY') };
  const clients =
    tlsClientCa === undefined
      ? {}
      : {
          ca: readPem(tlsClientCa, 'PORTCULLIS_TLS_CLIENT_CA'),
          ...(tlsClientCrl !== undefined && { crl: readPem(tlsClientCrl, 'PORTCULLIS_TLS_CLIENT_CRL') }),
        };
  try {
    createSecureContext({ ...pair, ...clients });
  } catch {
    // The reason of the library might quote what it was given.
    throw new ConfigError(
      'What PORTCULLIS_TLS_CERT, _KEY, _CLIENT_CA and _CLIENT_CRL name is no certificate and key that fit.',
    );
  }
  return {
    ...{ ...pair, ...clients, minVersion: 'TLSv1.2', handshakeTimeout: handshakeTimeoutMs },
    ...{ requestCert: tlsClientCa !== undefined, rejectUnauthorized: false },
  };
};
