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

export interface CertificateWish {
  readonly wanted: WantedCertificates;
  /** In all certificates together: each costs two multiplications while nobody else is served. */
  readonly fieldsMax: number;
}

interface AskedCertificate {
  readonly own: ShowableCertificate['own'];
  readonly fields: ReadonlySet<string>;
}

/** As the file has them, one of each certificate before the second of any: a certificate without a field is not shown. */
const pickFields = (asked: readonly AskedCertificate[], fieldsMax: number): readonly AskedCertificate[] => {
  const ranked = asked.flatMap((one) => [...one.fields].map((field, rank) => ({ one, field, rank })));
  const picked = ranked.sort((first, second) => first.rank - second.rank).slice(0, fieldsMax);
  return asked.map((one) => {
    const fields = picked.filter((field) => field.one === one).map(({ field }) => field);
    return { own: one.own, fields: new Set(fields) };
  });
};

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

  /** About this one of our keys: who verifies takes none about another than the one that it talks to. No more than `fieldsMax` fields are sealed. */
  async show(
    keys: GatewayKeys,
    verifier: string,
    { wanted, fieldsMax }: CertificateWish,
  ): Promise<readonly ShownCertificate[]> {
    const asked = this.listAsked(keys, verifier, wanted);
    if (asked.length === 0) return [];
    const outpoints = asked.flatMap(({ own }) => outpointOf(own.certificate) ?? []);
    const revoked = await listRevokedOutpoints(this.database, outpoints);
    const standing = asked.filter(({ own }) => {
      const outpoint = outpointOf(own.certificate);
      return outpoint === undefined || !revoked.has(Buffer.from(outpoint).toString('hex'));
    });
    const drawVector = (): Uint8Array => randomBytes(VECTOR_BYTES);
    return pickFields(standing, fieldsMax).flatMap(
      ({ own, fields }) => showCertificate(keys, own, { verifier, fields, drawVector }) ?? [],
    );
  }

  private listAsked(keys: GatewayKeys, verifier: string, wanted: WantedCertificates): readonly AskedCertificate[] {
    return this.showable.flatMap(({ own, reveal }) => {
      const { subject, certifier, type } = own.certificate;
      if (subject !== keys.identityKey || !wanted.certifiers.has(certifier)) return [];
      const fields = this.listVisible(verifier, reveal, wanted.types.get(type) ?? NOTHING);
      return fields.size === 0 ? [] : [{ own, fields }];
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
