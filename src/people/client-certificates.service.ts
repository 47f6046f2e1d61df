import { type PeerCertificate, TLSSocket } from 'node:tls';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { CONFIG, type Config, type TlsClient } from '../config';
import { nameMachine, type Caller, type CallerSource } from '../identity';
import { unwrap } from '../ingress';
import { judgeOrigin } from './judge-origin';
import { PublicOrigin } from './public-origin.service';

/**
 * Machines with a certificate on this very connection. What a proxy says in a header of the certificate that it saw is not looked at: anybody can write a
 * header.
 */
@Injectable()
export class ClientCertificates implements CallerSource {
  private readonly bySan = new Map<string, TlsClient>();
  private readonly byFingerprint = new Map<string, TlsClient>();

  constructor(
    @Inject(CONFIG) { tlsClients }: Config,
    @Inject(PublicOrigin) private readonly place: PublicOrigin,
  ) {
    for (const client of tlsClients) {
      if (client.san !== undefined) this.bySan.set(client.san, client);
      if (client.fingerprint !== undefined) this.byFingerprint.set(client.fingerprint, client);
    }
  }

  isClaimed(request: FastifyRequest): boolean {
    return this.find(request) !== undefined;
  }

  authenticate(request: FastifyRequest): Promise<Caller | undefined> {
    // A browser that was given a certificate shows it to us for the pages of others, too.
    unwrap(judgeOrigin(request, this.place.origin, { isSilentAllowed: true }));
    const client = this.find(request);
    if (client === undefined) return Promise.resolve(undefined);
    const { name, organisation, roles } = client;
    return Promise.resolve({
      ...{ identityKey: nameMachine(name), organisation, roles },
      ...{ sessionNonce: '', requestId: request.id },
    });
  }

  isStanding(request: FastifyRequest): Promise<boolean> {
    return Promise.resolve(this.find(request) !== undefined);
  }

  private find({ raw: { socket } }: FastifyRequest): TlsClient | undefined {
    if (this.bySan.size + this.byFingerprint.size === 0) return undefined;
    if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
    const certificate = socket.getPeerCertificate();
    if (!isInTime(certificate)) return undefined;
    const found = new Set([...this.listByName(certificate), ...this.listByFingerprint(certificate)]);
    // One certificate that is two machines is neither.
    const [only] = found;
    return found.size === 1 ? only : undefined;
  }

  private listByName({ subjectaltname }: PeerCertificate): TlsClient[] {
    // Node quotes and escapes a name that holds what separates names. None of ours needs that, so nobody has to read it right.
    if (subjectaltname === undefined || subjectaltname.includes('"')) return [];
    return subjectaltname.split(', ').flatMap((san) => this.bySan.get(san) ?? []);
  }

  private listByFingerprint({ fingerprint256 }: PeerCertificate): TlsClient[] {
    return [this.byFingerprint.get(fingerprint256.replaceAll(':', '').toLowerCase()) ?? []].flat();
  }
}

/** It was when the connection was made; a connection may last for days. */
const isInTime = ({ valid_to: until }: Partial<PeerCertificate>): boolean =>
  until !== undefined && Date.parse(until) > Date.now();
