import { randomBytes, randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type SubjectKey, findSubjectKey } from '#ledger';
import type { Caller } from '../identity';
import { KeyRing } from '../keys';

const DATA_KEY_BYTES = 32;
const VECTOR_BYTES = 12;

/** Whose data it is. */
export type KeyOwner = Pick<Caller, 'organisation' | 'identityKey'>;

/** The key of a subject, with what it is stored as. In memory for one call and nowhere else. */
export interface OpenedKey {
  readonly stored: SubjectKey;
  readonly isNew: boolean;
  readonly dataKey: Uint8Array;
}

/** One key for each subject, under which everything that it disclosed is encrypted, and with which all of it is erased. */
@Injectable()
export class SubjectKeys {
  constructor(
    @Inject(KeyRing) private readonly ring: KeyRing,
    @Inject(DataSource) private readonly database: DataSource,
  ) {}

  async find({ organisation, identityKey }: KeyOwner): Promise<OpenedKey | undefined> {
    const stored = await findSubjectKey(this.database, { organisation, identityKey });
    if (stored === undefined) return undefined;
    const dataKey = this.ring
      .listSubjectKeyOpeners()
      .find((opener) => opener.identityKey === stored.wrappedBy)
      ?.unwrapSubjectKey(stored.wrapped, { organisation, subject: identityKey });
    if (dataKey === undefined)
      throw new Error(`A subject's key was wrapped by the gateway ${stored.wrappedBy}, not by this one.`);
    return { stored, dataKey, isNew: false };
  }

  /** Not stored yet: it is stored with what it encrypts first. */
  make({ organisation, identityKey: subject }: KeyOwner): OpenedKey {
    const dataKey = randomBytes(DATA_KEY_BYTES);
    const keys = this.ring.current;
    const wrapped = keys.wrapSubjectKey(dataKey, randomBytes(VECTOR_BYTES), { organisation, subject });
    return { stored: { id: randomUUID(), wrapped, wrappedBy: keys.identityKey }, dataKey, isNew: true };
  }
}
