import type { LookupService } from '#atomic-core';
import { certificateKey, outpointKey, serialKey } from './revocation-keys';

const OUTPOINT = /^[0-9a-f]{64}\.(?:0|[1-9][0-9]{0,9})$/u;
const HASH = /^[0-9a-f]{64}$/u;
const KEY = /^0[23][0-9a-f]{64}$/u;
const SERIAL = /^[A-Za-z0-9+/]{43}=$/u;

type Shape = Readonly<Record<string, unknown>>;

const isText = (value: unknown, form: RegExp): value is string => typeof value === 'string' && form.test(value);

/** `ls_revocation`: who revoked a certificate, by its outpoint, its hash, or certifier and serial number. */
export const revocationLookup: LookupService = {
  name: 'ls_revocation',
  topic: 'tm_revocation',
  readQuery: (query) => {
    if (typeof query !== 'object' || query === null || Array.isArray(query)) return undefined;
    const { outpoint, certificateHash, certifier, serialNumber, ...rest } = query as Shape;
    if (Object.keys(rest).length > 0) return undefined;
    const named = [outpoint, certificateHash, certifier].filter((value) => value !== undefined);
    if (named.length !== 1 || (serialNumber !== undefined && certifier === undefined)) return undefined;
    if (isText(outpoint, OUTPOINT)) return [outpointKey(outpoint)];
    if (isText(certificateHash, HASH)) return [certificateKey(certificateHash)];
    return isText(certifier, KEY) && isText(serialNumber, SERIAL) ? [serialKey(certifier, serialNumber)] : undefined;
  },
};
