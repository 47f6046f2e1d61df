import type { Txid } from '#atomic-core';
import { EntitySchema } from 'typeorm';
import { SCHEMA, hash, integer, key, time, wholeNumber } from './columns';

export interface StoredScriptVerdict {
  readonly rules: number;
  readonly txid: Txid;
  readonly verifiedAt: Date;
  /** In the order of arrival. */
  readonly place: number;
}

export const ScriptVerdictEntity = new EntitySchema<StoredScriptVerdict>({
  name: 'ScriptVerdict',
  tableName: 'script_verdict',
  schema: SCHEMA,
  columns: {
    rules: key({ ...integer('rules'), type: 'smallint' }),
    txid: key(hash('txid')),
    verifiedAt: time('verified_at'),
    place: wholeNumber('place'),
  },
});
