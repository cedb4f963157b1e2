import type { Annotation } from '../../core/contracts/annotations.ts';
import { TIMEFRAMES } from '../../core/market/timeframe.ts';
import type { AnnotationRepository, Stored } from '../ports/store.ts';
import type { Database } from './database.ts';
import { number, oneOf, type Row, text } from './sql.ts';

const DIRECTIONS = ['long', 'short'] as const;

export class DuckDbAnnotationRepository implements AnnotationRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** In the order in which they were made. */
  all(): Stored<Annotation[]> {
    return this.#database.reader.read(async (sql) =>
      (await sql.rows('SELECT * FROM annotations ORDER BY created_at, id')).map(annotationOf),
    );
  }

  save(annotation: Annotation): Stored<void> {
    return this.#database.journal.run(async (sql) => {
      await sql.insert(
        `INSERT INTO annotations VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (id) DO UPDATE SET symbol = excluded.symbol, timeframe = excluded.timeframe, direction = excluded.direction,
           entry_time = excluded.entry_time, entry_price = excluded.entry_price, exit_time = excluded.exit_time, exit_price = excluded.exit_price,
           note = excluded.note, created_at = excluded.created_at, updated_at = excluded.updated_at`,
        [
          annotation.id,
          annotation.symbol,
          annotation.timeframe,
          annotation.direction,
          BigInt(annotation.entry.time),
          annotation.entry.price,
          BigInt(annotation.exit.time),
          annotation.exit.price,
          annotation.note,
          BigInt(annotation.createdAt),
          BigInt(annotation.updatedAt),
        ],
      );
    });
  }

  /** Of an unknown id: nothing to do. */
  delete(id: string): Stored<void> {
    return this.#database.journal.run(async (sql) => {
      await sql.run('DELETE FROM annotations WHERE id = $1', [id]);
    });
  }
}

function annotationOf(row: Row): Annotation {
  return {
    id: text(row, 'id'),
    symbol: text(row, 'symbol'),
    timeframe: oneOf(row, 'timeframe', TIMEFRAMES),
    direction: oneOf(row, 'direction', DIRECTIONS),
    entry: { time: number(row, 'entry_time'), price: number(row, 'entry_price') },
    exit: { time: number(row, 'exit_time'), price: number(row, 'exit_price') },
    note: text(row, 'note'),
    createdAt: number(row, 'created_at'),
    updatedAt: number(row, 'updated_at'),
  };
}
