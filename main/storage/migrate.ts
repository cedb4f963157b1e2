import { createHash } from 'node:crypto';
import type { EpochMs } from '../../core/base/clock.ts';
import { Refusal } from './failures.ts';
import { number, text, type Sql } from './sql.ts';

/** One step of the store's layout. Released steps never change: what was applied is checked by hash at every start. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly statements: readonly string[];
}

export function migrationHash(migration: Migration): string {
  return createHash('sha256')
    .update(JSON.stringify([migration.version, migration.name, migration.statements]))
    .digest('hex');
}

/**
 * Brings the store to the newest layout, each step in a transaction of its own. Answers the versions applied now.
 * Throws a Refusal, and changes nothing, for a store of a newer version or one whose applied steps differ from ours.
 */
export async function migrate(sql: Sql, path: string, migrations: readonly Migration[], now: EpochMs): Promise<number[]> {
  migrations.forEach((migration, index) => {
    if (migration.version !== index + 1)
      throw new Error(`migration ${migration.name} has version ${migration.version} at place ${index + 1}`);
  });
  const tables = await sql.rows(`SELECT table_name FROM information_schema.tables WHERE table_schema = 'main'`);
  const known = new Set(tables.map((row) => text(row, 'table_name')));
  if (!known.has('migrations')) {
    if (known.size > 0) {
      throw new Refusal(
        `${path} is a DuckDB database of something else (it has no migrations table). Choose another user-data folder; the file was left as it is.`,
      );
    }
    await sql.run(
      'CREATE TABLE migrations (version BIGINT NOT NULL, name VARCHAR NOT NULL, sha256 VARCHAR NOT NULL, applied_at BIGINT NOT NULL)',
    );
  }
  const applied = await sql.rows('SELECT version, name, sha256 FROM migrations ORDER BY version');
  const newest = applied.length === 0 ? 0 : number(applied[applied.length - 1] ?? {}, 'version');
  if (newest > migrations.length) {
    throw new Refusal(
      `${path} was written by a newer Cobalt Desk (store version ${newest}; this one knows up to ${migrations.length}). ` +
        'Update Cobalt Desk, or use another user-data folder; the file was left as it is.',
    );
  }
  applied.forEach((row, index) => {
    const ours = migrations[index];
    if (ours === undefined || number(row, 'version') !== ours.version || text(row, 'sha256') !== migrationHash(ours)) {
      throw new Refusal(
        `${path} was laid out by a different build of Cobalt Desk: its step ${number(row, 'version')} "${text(row, 'name')}" is not the one that this build has. ` +
          'Use the build that made it, or another user-data folder; the file was left as it is.',
      );
    }
  });
  const pending = migrations.slice(applied.length);
  for (const migration of pending) {
    await sql.transaction(async () => {
      for (const statement of migration.statements) await sql.run(statement);
      await sql.insert('INSERT INTO migrations VALUES ($1, $2, $3, $4)', [
        BigInt(migration.version),
        migration.name,
        migrationHash(migration),
        BigInt(Math.floor(now)),
      ]);
    });
  }
  return pending.map((migration) => migration.version);
}
