import type { FlowBar, FootprintBar } from '../../core/contracts/order-flow.ts';
import type { VenueId } from '../../core/market/instrument.ts';
import type { FlowRepository, FootprintQuery, Stored } from '../ports/store.ts';
import type { Database } from './database.ts';
import type { MarketWriter } from './market-writer.ts';
import { number } from './sql.ts';

/** Stored trades by price and consolidated-book seconds by bar. What was appended before a call is in its answer. */
export class DuckDbFlowRepository implements FlowRepository {
  readonly #database: Database;
  readonly #writer: Pick<MarketWriter, 'flush'>;

  constructor(database: Database, writer: Pick<MarketWriter, 'flush'>) {
    this.#database = database;
    this.#writer = writer;
  }

  async footprint(query: FootprintQuery): Stored<FootprintBar[] | undefined> {
    const { venue, symbol, lengthMs, from, to, tickSize, rowTicks, cellsMax } = query;
    const flushed = await this.#writer.flush();
    if (!flushed.ok) return flushed;
    return this.#database.reader.read(async (sql) => {
      const cells = await sql.rows(
        `SELECT (ts_event - ts_event % $5)::DOUBLE AS bar, floor(round(price / $6) / $7) AS price_row,
           sum(CASE WHEN side = 'buy' THEN quantity ELSE 0 END) AS bought,
           sum(CASE WHEN side = 'buy' THEN 0 ELSE quantity END) AS sold
         FROM trades WHERE venue = $1 AND symbol = $2 AND ts_event >= $3 AND ts_event < $4
         GROUP BY ALL ORDER BY bar, price_row LIMIT $8`,
        [venue, symbol, BigInt(from), BigInt(to), BigInt(lengthMs), tickSize, rowTicks, BigInt(cellsMax + 1)],
      );
      if (cells.length > cellsMax) return undefined;
      const bars: FootprintBar[] = [];
      for (const cell of cells) {
        const openTime = number(cell, 'bar');
        if (bars.at(-1)?.openTime !== openTime) bars.push({ openTime, rows: [], buy: [], sell: [] });
        const bar = bars.at(-1) as FootprintBar;
        bar.rows.push(number(cell, 'price_row'));
        bar.buy.push(number(cell, 'bought'));
        bar.sell.push(number(cell, 'sold'));
      }
      return bars;
    });
  }

  async firstTrade(venue: VenueId, symbol: string): Stored<number | undefined> {
    const flushed = await this.#writer.flush();
    if (!flushed.ok) return flushed;
    return this.#database.reader.read(async (sql) => {
      const [row] = await sql.rows('SELECT min(ts_event)::DOUBLE AS first FROM trades WHERE venue = $1 AND symbol = $2', [
        venue,
        symbol,
      ]);
      return row === undefined || row['first'] === null ? undefined : number(row, 'first');
    });
  }

  async flowBars(symbol: string, lengthMs: number, from: number, to: number): Stored<FlowBar[]> {
    const flushed = await this.#writer.flush();
    if (!flushed.ok) return flushed;
    return this.#database.reader.read(async (sql) => {
      const rows = await sql.rows(
        `SELECT (second - second % $4)::DOUBLE AS bar, sum(ofi) AS total, count(ofi) AS known FROM cob_1s
         WHERE symbol = $1 AND second >= $2 AND second < $3 AND ofi IS NOT NULL GROUP BY bar ORDER BY bar`,
        [symbol, BigInt(from), BigInt(to), BigInt(lengthMs)],
      );
      return rows.map((row) => ({ openTime: number(row, 'bar'), ofi: number(row, 'total'), seconds: number(row, 'known') }));
    });
  }
}
