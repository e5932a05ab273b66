import { VERSION_1 } from './schema-1';
import { VERSION_2 } from './schema-2';

/** What leads to each version from the one before it; run in one transaction with the record of the new version. */
export const MIGRATIONS: readonly string[] = [VERSION_1, VERSION_2];

/** `stagegate migrate` brings a database to it. */
export const SCHEMA_VERSION = MIGRATIONS.length;
