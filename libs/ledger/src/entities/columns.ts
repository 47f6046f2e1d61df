import { txidFromWire, txidToWire } from '#atomic-core';
import type { Txid } from '#atomic-core';
import type { ColumnType, EntitySchemaColumnOptions, ValueTransformer } from 'typeorm';

export const SCHEMA = 'portcullis';

/** Reads keep a null; conditions of a find pass through `to`. */
const nullable = <Stored, Read>(read: (stored: Stored) => Read, write: (value: Read) => Stored): ValueTransformer => ({
  from: (stored: Stored | null) => (stored === null ? null : read(stored)),
  to: (value: Read | null | undefined) => (value === null || value === undefined ? value : write(value)),
});

const TXID = nullable<Buffer, Txid>(txidFromWire, txidToWire);
/** Satoshis and leaf indices stay below 2^53. */
const WHOLE_NUMBER = nullable<string, number>(Number, String);

/** Nothing is ever written through an entity: rows change in the functions of the ledger alone. */
const column = (name: string, type: ColumnType): EntitySchemaColumnOptions => ({
  name,
  type,
  insert: false,
  update: false,
});

export const text = (name: string): EntitySchemaColumnOptions => column(name, 'text');
export const bytes = (name: string): EntitySchemaColumnOptions => column(name, 'bytea');
/** A hash of 32 bytes in wire order, read in display order. */
export const hash = (name: string): EntitySchemaColumnOptions => ({ ...bytes(name), transformer: TXID });
export const integer = (name: string): EntitySchemaColumnOptions => column(name, 'integer');
export const wholeNumber = (name: string): EntitySchemaColumnOptions => ({
  ...column(name, 'bigint'),
  transformer: WHOLE_NUMBER,
});
export const flag = (name: string): EntitySchemaColumnOptions => column(name, 'boolean');
export const uuid = (name: string): EntitySchemaColumnOptions => column(name, 'uuid');
export const json = (name: string): EntitySchemaColumnOptions => column(name, 'jsonb');
export const time = (name: string): EntitySchemaColumnOptions => column(name, 'timestamp with time zone');

export const key = (options: EntitySchemaColumnOptions): EntitySchemaColumnOptions => ({ ...options, primary: true });
export const maybe = (options: EntitySchemaColumnOptions): EntitySchemaColumnOptions => ({
  ...options,
  nullable: true,
});
/** Large and seldom wanted: read only where a find names it. */
export const onDemand = (options: EntitySchemaColumnOptions): EntitySchemaColumnOptions => ({
  ...options,
  select: false,
});
