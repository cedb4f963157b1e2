import { ok } from '../../core/base/result.ts';
import type { Stored, TableRetention } from '../ports/store.ts';
import type { Database } from './database.ts';
import { fileBytes, walPath } from './file-size.ts';
import { number } from './sql.ts';

const DAY_MS = 86_400_000;
/** Tables that grow with the market's liveliness. Candles stay: they are small, and what everything is learnt from. */
const BULKY = [
  { table: 'trades', time: 'ts_event' },
  { table: 'cob_1s', time: 'second' },
] as const;

export class DuckDbTableRetention implements TableRetention {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async files(): Promise<{ readonly bytes: number; readonly walBytes: number }> {
    const { path } = this.#database;
    const [bytes, walBytes] = await Promise.all([fileBytes(path), fileBytes(walPath(path))]);
    return { bytes, walBytes };
  }

  async deleteBefore(before: number): Stored<number> {
    let rows = 0;
    for (const { table, time } of BULKY) {
      for (;;) {
        // Each step is a transaction of its own, between which appended market data gets its turn.
        const step = await this.#database.market.run(async (sql) => {
          const [oldest] = await sql.rows(`SELECT min(${time}) AS first FROM ${table}`);
          if (oldest === undefined || oldest['first'] === null) return undefined;
          const first = number(oldest, 'first');
          if (first >= before) return undefined;
          const end = Math.min(Math.ceil(before), first + DAY_MS);
          return (await sql.run(`DELETE FROM ${table} WHERE ${time} < $1`, [BigInt(end)])).rowsChanged;
        });
        if (!step.ok) return step;
        if (step.value === undefined) break;
        rows += step.value;
      }
    }
    return ok(rows);
  }
}
