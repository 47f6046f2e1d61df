import { randomBytes } from 'node:crypto';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  hashCertificate,
  makeOutpoint,
  showCertificate,
  type Certificate,
  type GatewayKeys,
  type Outpoint,
  type ShownCertificate,
  type WantedCertificates,
} from '#atomic-core';
import { keepGatewayCertificates, listRevokedOutpoints } from '#ledger';
import { CONFIG, type Config } from '../config';
import { KeyRing } from '../keys';
import { Log } from '../telemetry';
import { OrganisationDirectory } from './organisation-directory';
import { readOwnCertificates, type ShowableCertificate } from './read-own-certificates';

const VECTOR_BYTES = 32;
const NOTHING: ReadonlySet<string> = new Set();

const outpointOf = ({ revocationOutpoint: outpoint }: Certificate): Outpoint | undefined =>
  outpoint && makeOutpoint(outpoint.txid, outpoint.vout);

/** What others certify of this gateway. Nobody is shown more than they ask for, and the operator lets them see. */
@Injectable()
export class OwnCertificates implements OnModuleInit {
  private showable: readonly ShowableCertificate[] = [];

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(KeyRing) private readonly ring: KeyRing,
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(OrganisationDirectory) private readonly organisations: OrganisationDirectory,
    @Inject(Log) private readonly log: Log,
  ) {}

  async onModuleInit(): Promise<void> {
    const { gatewayCertificates: path } = this.config;
    if (path === undefined) return;
    const { showable, ended } = readOwnCertificates(path, this.ring);
    const watched = showable.flatMap(({ own: { certificate } }) => {
      const { subject, certifier } = certificate;
      const outpoint = outpointOf(certificate);
      return outpoint === undefined ? [] : [{ hash: hashCertificate(certificate), subject, certifier, outpoint }];
    });
    if (watched.length > 0) await keepGatewayCertificates(this.database, watched);
    this.showable = showable;
    this.log.write('info', 'the gateway has certificates to show', { path, count: showable.length });
    for (const identityKey of ended)
      this.log.write('warn', 'a certificate of the gateway is of a key that has ended, and not shown', { identityKey });
  }

  /** About this one of our keys: who verifies takes none about another than the one that it talks to. */
  async show(keys: GatewayKeys, verifier: string, wanted: WantedCertificates): Promise<readonly ShownCertificate[]> {
    const asked = this.showable.flatMap(({ own, reveal }) => {
      const { subject, certifier, type } = own.certificate;
      if (subject !== keys.identityKey || !wanted.certifiers.has(certifier)) return [];
      const fields = this.listVisible(verifier, reveal, wanted.types.get(type) ?? NOTHING);
      return fields.size === 0 ? [] : [{ own, fields }];
    });
    if (asked.length === 0) return [];
    const outpoints = asked.flatMap(({ own }) => outpointOf(own.certificate) ?? []);
    const revoked = await listRevokedOutpoints(this.database, outpoints);
    return asked.flatMap(({ own, fields }) => {
      const outpoint = outpointOf(own.certificate);
      if (outpoint !== undefined && revoked.has(Buffer.from(outpoint).toString('hex'))) return [];
      return showCertificate(keys, own, { verifier, fields, drawVector: () => randomBytes(VECTOR_BYTES) }) ?? [];
    });
  }

  private listVisible(
    verifier: string,
    reveal: ShowableCertificate['reveal'],
    asked: ReadonlySet<string>,
  ): ReadonlySet<string> {
    const names = ['*', verifier, this.organisations.organisationOf(verifier)];
    const allowed = reveal.filter(({ to }) => to.some((one) => names.includes(one))).flatMap(({ fields }) => fields);
    return new Set(allowed.filter((name) => asked.has(name)));
  }
}
