import type { Certificate } from '#atomic-core';

export const outpointKey = (outpoint: string): string => `outpoint:${outpoint}`;
export const certificateKey = (hash: string): string => `certificate:${hash}`;
export const serialKey = (certifier: string, serialNumber: string): string => `serial:${certifier} ${serialNumber}`;

/** What its evidence is found by. */
export const keysOf = ({ certifier, serialNumber, revocationOutpoint }: Certificate, hash: string): string[] => [
  certificateKey(hash),
  serialKey(certifier, serialNumber),
  ...(revocationOutpoint === undefined
    ? []
    : [outpointKey(`${revocationOutpoint.txid}.${String(revocationOutpoint.vout)}`)]),
];
