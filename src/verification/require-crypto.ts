import { type CryptoFault, type CryptoKind, listCryptoFaults, liveCrypto } from '#atomic-core';
import { ConfigError, type Config } from '../config';

/** What computes here, and why nothing faster does. */
export interface CryptoReport {
  readonly kind: CryptoKind;
  readonly label: string;
  readonly faults: readonly CryptoFault[];
}

export function reportCrypto(): CryptoReport {
  const { kind, label } = liveCrypto();
  return { kind, label, faults: listCryptoFaults() };
}

/** Whether a backend of this kind is what the operator demands. */
export const satisfiesCrypto = (required: Config['cryptoRequired'], kind: CryptoKind): boolean =>
  required === 'any' || kind === 'metal' || kind === 'native';

/** Throws the one sentence of a start that is refused for want of a native library: a silent fallback is an outage found out by load. */
export function requireCrypto(required: Config['cryptoRequired'], report: CryptoReport = reportCrypto()): void {
  if (satisfiesCrypto(required, report.kind)) return;
  const reasons = report.faults
    .filter(({ kind }) => satisfiesCrypto(required, kind))
    .map(({ kind, reason }) => `${kind}: ${reason}`)
    .join('; ');
  throw new ConfigError(
    `PORTCULLIS_CRYPTO_REQUIRED demands a native secp256k1 and none loads here (${reasons}); install one for this platform, or set it to any.`,
  );
}
