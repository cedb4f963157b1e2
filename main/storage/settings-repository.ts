import type { SettingsRepository, Stored } from '../ports/store.ts';
import type { Database } from './database.ts';
import { text } from './sql.ts';

export class DuckDbSettingsRepository implements SettingsRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  get(key: string): Stored<unknown> {
    return this.#database.reader.read(async (sql) => {
      const [row] = await sql.rows('SELECT value FROM settings WHERE key = $1', [key]);
      return row === undefined ? undefined : (JSON.parse(text(row, 'value')) as unknown);
    });
  }

  /** `undefined` removes the key. */
  set(key: string, value: unknown): Stored<void> {
    const json: string | undefined = JSON.stringify(value);
    return this.#database.journal.run(async (sql) => {
      if (json === undefined) await sql.run('DELETE FROM settings WHERE key = $1', [key]);
      else
        await sql.insert('INSERT INTO settings VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value', [
          key,
          json,
        ]);
    });
  }
}
