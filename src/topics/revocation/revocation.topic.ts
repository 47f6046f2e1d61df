import {
  type Certificate,
  type TopicManager,
  type TopicVerdict,
  type VerifiedTransaction,
  hashCertificate,
  isSignedByCertifier,
  readCertificate,
} from '#atomic-core';
import { keysOf } from './revocation-keys';

/** Where the evidence stands for its certificate: every transaction has a first output. */
const EVIDENCE_VOUT = 0;

const refuse = (reason: string): TopicVerdict => ({ admitted: false, reason });

/** `tm_revocation`: transactions that revoke a certificate, each with the certificate that says so. README.md has the rules. */
export const revocationTopic = {
  name: 'tm_revocation',
  judge: (transaction, coins, { offChainValues }) => {
    const coinsToRetain = coins.map(({ inputIndex }) => inputIndex);
    // The evidence of an earlier revocation is spent like any output: it is no less true.
    if (offChainValues === undefined && coins.length > 0)
      return { admitted: true, admittance: { admit: [], coinsToRetain, coinsToRemove: [] } };
    if (offChainValues === undefined)
      return { admitted: false, isElsewhere: true, reason: 'the off-chain values are the certificate that is revoked' };
    const certificate = readRevoked(offChainValues);
    if (typeof certificate === 'string') return refuse(certificate);
    if (!spends(transaction, certificate)) return refuse('no input spends the revocation outpoint of the certificate');
    // The dearest question comes last.
    if (!isSignedByCertifier(certificate)) return refuse('the certificate is not signed by its certifier');
    const lookupKeys = keysOf(certificate, hashCertificate(certificate).toString('hex'));
    return {
      admitted: true,
      admittance: { admit: [{ vout: EVIDENCE_VOUT, lookupKeys }], coinsToRetain, coinsToRemove: [] },
    };
  },
} as const satisfies TopicManager;

/** The certificate, or why it is none. */
function readRevoked(octets: Uint8Array): Certificate | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(octets).toString('utf8'));
  } catch {
    return 'the off-chain values are not JSON';
  }
  const read = readCertificate(parsed);
  if (!read.ok) return read.rejection.detail;
  return read.value.keyring.size > 0 ? 'a certificate is shown here without its keyring' : read.value.certificate;
}

const spends = ({ subject }: VerifiedTransaction, { revocationOutpoint }: Certificate): boolean =>
  revocationOutpoint !== undefined &&
  subject.inputs.some(
    ({ parentTxid, parentVout }) => parentTxid === revocationOutpoint.txid && parentVout === revocationOutpoint.vout,
  );
