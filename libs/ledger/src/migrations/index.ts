import type { MigrationInterface } from 'typeorm';

type MigrationClass = new () => MigrationInterface;

/** Forward only, oldest first. A released migration is never edited. */
export const migrations: readonly MigrationClass[] = [];

/** The name of the newest migration that this binary knows. */
export const schemaVersion: string = migrations.at(-1)?.name ?? '';
