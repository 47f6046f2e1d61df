import { type CryptoFault, type CryptoKind, chooseThreadCrypto } from '#atomic-core';
import { ConfigError, type Config } from '../config';

/** What verification computes with here, and why with nothing faster. */
export interface CryptoReport {
  readonly kind: CryptoKind;
  readonly label: string;
  readonly faults: readonly CryptoFault[];
}

export function reportCrypto(): CryptoReport {
  const { backend, faults } = chooseThreadCrypto();
  return { kind: backend.kind, label: backend.label, faults };
}

/** Whether a backend of this kind is what the operator demands. The prebuilt binding does not survive the end of a thread, so no verification uses it. */
export const satisfiesCrypto = (required: Config['cryptoRequired'], kind: CryptoKind): boolean =>
  required === 'any' || kind === 'metal';

/** Throws the one sentence of a start that is refused for want of a native library: a silent fallback is an outage found out by load. */
export function requireCrypto(required: Config['cryptoRequired'], report: CryptoReport = reportCrypto()): void {
  if (satisfiesCrypto(required, report.kind)) return;
  const reasons = report.faults
    .filter(({ kind }) => satisfiesCrypto(required, kind))
    .map(({ kind, reason }) => `${kind}: ${reason}`)
    .join('; ');
  throw new ConfigError(
    `PORTCULLIS_CRYPTO_REQUIRED demands native verification and there is none here (${reasons}); npm run build:metal builds it where a C compiler is, or set it to any.`,
  );
}
