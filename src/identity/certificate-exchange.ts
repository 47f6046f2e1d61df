import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  type AuthSession,
  type CertificateResponse,
  type ExchangeMessage,
  type GatewayKeys,
  type Rejection,
  type RequestedCertificates,
  type ShownCertificate,
  verifyExchangeMessage,
  writeCertificateResponse,
} from '#atomic-core';
import { findSession } from '#ledger';
import { refuse, unwrap } from '../ingress';
import { KeyRing } from '../keys';
import type { Caller } from './caller';
import { NonceClaims } from './nonce-claims';
import { OrganisationDirectory } from './organisation-directory';
import { OwnCertificates, type CertificateWish } from './own-certificates.service';

/** What became of one certificate of a message, in the order of the message. */
export type CertificateVerdict =
  | { readonly serialNumber: string; readonly outcome: 'presented' | 'known' }
  | { readonly code: Rejection['code']; readonly detail: string };

/** Whoever keeps certificates. Identity knows the messages and the caller, and nothing of certificates. */
export interface CertificateDesk {
  /** What is asked of members of this organisation. */
  listRequested(organisation: string): Promise<RequestedCertificates>;
  /** One verdict a certificate. MUST NOT wait for anything that the caller may still send. */
  receive(caller: Caller, certificates: readonly unknown[]): Promise<readonly CertificateVerdict[]>;
}

export interface PresentedAnswer {
  readonly certificates: readonly CertificateVerdict[];
}

const NONCE_BYTES = 32;
const NOTHING: RequestedCertificates = { certifiers: [], types: {} };

/**
 * The certificate messages of BRC-103: signed, by the identity of the session, never seen before, and each answered at once (defect A8). That they are
 * exchanged holds up no request (defect A9).
 */
@Injectable()
export class CertificateExchange {
  private desk: CertificateDesk | undefined;

  constructor(
    @Inject(KeyRing) private readonly ring: KeyRing,
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(NonceClaims) private readonly nonces: NonceClaims,
    @Inject(OrganisationDirectory) private readonly organisations: OrganisationDirectory,
    @Inject(OwnCertificates) private readonly own: OwnCertificates,
  ) {}

  /** Called once, by the module that keeps certificates. Without it none are asked for and none accepted. */
  attend(desk: CertificateDesk): void {
    this.desk = desk;
  }

  async listRequested(identityKey: string): Promise<RequestedCertificates> {
    return (await this.desk?.listRequested(this.organisations.organisationOf(identityKey))) ?? NOTHING;
  }

  /** What of our own this caller asked for and may see. */
  showOwn(keys: GatewayKeys, verifier: string, wish: CertificateWish): Promise<readonly ShownCertificate[]> {
    return this.own.show(keys, verifier, wish);
  }

  async answer(message: ExchangeMessage, requestId: string): Promise<CertificateResponse | PresentedAnswer> {
    const { keys, session } = await this.authenticate(message);
    if (message.kind === 'certificateRequest') {
      // Where there is none for this caller the answer says so, signed.
      const certificates = await this.showOwn(keys, session.identityKey, {
        ...{ wanted: message.wanted, fieldsMax: Infinity },
      });
      return writeCertificateResponse(keys, session, { certificates, random: randomBytes(NONCE_BYTES) });
    }
    const { identityKey, sessionNonce } = session;
    const organisation = this.organisations.organisationOf(identityKey);
    if (this.desk === undefined) return refuse('certificate-untrusted');
    const certificates = await this.desk.receive(
      { identityKey, organisation, sessionNonce, requestId },
      message.certificates,
    );
    // A client asked for two certifiers shows what it has of either; one that is of no use here must not lose the other.
    const [first] = certificates;
    if (first !== undefined && 'code' in first && certificates.every((verdict) => 'code' in verdict))
      return refuse(first.code, first.detail);
    return { certificates };
  }

  private async authenticate(
    message: ExchangeMessage,
  ): Promise<{ readonly keys: GatewayKeys; readonly session: AuthSession }> {
    const keys = this.ring.findMaker(message);
    if (keys === undefined) return refuse('auth-session-unknown');
    unwrap(verifyExchangeMessage(keys, message));
    const session = await findSession(this.database, message.sessionNonce);
    if (session === undefined) return refuse('auth-session-unknown');
    await this.nonces.claimOnce(message);
    return { keys, session };
  }
}
