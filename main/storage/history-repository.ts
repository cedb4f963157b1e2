import type { DuckDBBigIntVector, DuckDBDoubleVector, DuckDBVarCharVector } from '@duckdb/node-api';
import type { Candle } from '../../core/market/candle.ts';
import type { VenueId } from '../../core/market/instrument.ts';
import { type StoredTimeframe, TIMEFRAME_MS } from '../../core/market/timeframe.ts';
import type { Trade } from '../../core/market/trade.ts';
import type { HistoryExtent, HistoryRepository, TradeMark } from '../ports/history.ts';
import type { Stored } from '../ports/store.ts';
import type { Database } from './database.ts';
import { CANDLE_TABLES, TRADE_TABLE } from './market-tables.ts';
import { number, type Row, type Sql, type SqlValue } from './sql.ts';

const TRADES = TRADE_TABLE.name;
const TRADE_COLUMNS = 'trade_id, price, quantity, side, ts_event, ts_received';

export class DuckDbHistoryRepository implements HistoryRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  trades(venue: VenueId, symbol: string, after: TradeMark, before: number, limit: number): Stored<Trade[]> {
    const { tsReceived, tsEvent, id } = after;
    return this.#database.reader.read((sql) =>
      readTrades(
        sql,
        // The span first: it lets DuckDB skip row groups, which comparing rows does not.
        `WHERE venue = $1 AND symbol = $2 AND ts_received >= $3 AND ts_received < $6
           AND (ts_received > $3 OR (ts_received = $3 AND (ts_event > $4 OR (ts_event = $4 AND trade_id > $5))))
         ORDER BY ts_received, ts_event, trade_id LIMIT $7`,
        [venue, symbol, BigInt(tsReceived), BigInt(tsEvent), BigInt(id), BigInt(before), BigInt(limit)],
      ),
    );
  }

  tradeExtent(venue: VenueId, symbol: string, from: number, to: number): Stored<HistoryExtent | undefined> {
    return this.#database.reader.read(async (sql) =>
      extentOf(
        await sql.rows(
          `SELECT count(*) AS n, min(ts_event) AS first, max(ts_event) AS last FROM ${TRADES}
           WHERE venue = $1 AND symbol = $2 AND ts_event >= $3 AND ts_event < $4`,
          [venue, symbol, BigInt(from), BigInt(to)],
        ),
      ),
    );
  }

  lastTrade(venue: VenueId, symbol: string, from: number, before: number): Stored<Trade | undefined> {
    return this.#database.reader.read(async (sql) => {
      const [trade] = await readTrades(
        sql,
        `WHERE venue = $1 AND symbol = $2 AND ts_event >= $3 AND ts_event < $4 ORDER BY ts_event DESC, trade_id DESC LIMIT 1`,
        [venue, symbol, BigInt(from), BigInt(before)],
      );
      return trade;
    });
  }

  candlesOfTrades(venue: VenueId, symbol: string, timeframe: StoredTimeframe, from: number, to: number): Stored<Candle[]> {
    return this.#database.reader.read(async (sql) => {
      const rows = await sql.rows(
        `SELECT (ts_event // $5 * $5)::DOUBLE AS open_time, max(price) AS high, min(price) AS low,
           arg_min(price, (ts_event, trade_id)) AS open, arg_max(price, (ts_event, trade_id)) AS close,
           sum(quantity ORDER BY ts_event, trade_id) AS volume,
           sum(CASE side WHEN 'buy' THEN quantity ELSE 0 END ORDER BY ts_event, trade_id) AS buy_volume, count(*)::DOUBLE AS n
         FROM ${TRADES} WHERE venue = $1 AND symbol = $2 AND ts_event >= $3 AND ts_event < $4 GROUP BY 1 ORDER BY 1`,
        [venue, symbol, BigInt(from), BigInt(to), BigInt(TIMEFRAME_MS[timeframe])],
      );
      return rows.map((row) => ({
        openTime: number(row, 'open_time'),
        open: number(row, 'open'),
        high: number(row, 'high'),
        low: number(row, 'low'),
        close: number(row, 'close'),
        volume: number(row, 'volume'),
        buyVolume: number(row, 'buy_volume'),
        tradeCount: number(row, 'n'),
        filled: false,
      }));
    });
  }

  minuteExtent(symbol: string, from: number, to: number): Stored<HistoryExtent | undefined> {
    return this.#database.reader.read(async (sql) =>
      extentOf(
        await sql.rows(
          `SELECT count(*) AS n, min(open_time) AS first, max(open_time) AS last FROM ${CANDLE_TABLES['1m'].name}
           WHERE symbol = $1 AND open_time >= $2 AND open_time < $3`,
          [symbol, BigInt(from), BigInt(to)],
        ),
      ),
    );
  }
}

function extentOf([row]: readonly Row[]): HistoryExtent | undefined {
  const count = row === undefined ? 0 : number(row, 'n');
  return row === undefined || count === 0 ? undefined : { first: number(row, 'first'), last: number(row, 'last'), count };
}

/** `clause` follows the table's name. Fetching a chunk gives the JS thread away. */
async function readTrades(sql: Sql, clause: string, values: readonly SqlValue[]): Promise<Trade[]> {
  const result = await sql.run(`SELECT ${TRADE_COLUMNS} FROM ${TRADES} ${clause}`, values);
  const trades: Trade[] = [];
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const id = chunk.getColumnVector(0) as DuckDBBigIntVector;
    const price = chunk.getColumnVector(1) as DuckDBDoubleVector;
    const quantity = chunk.getColumnVector(2) as DuckDBDoubleVector;
    const side = chunk.getColumnVector(3) as DuckDBVarCharVector;
    const tsEvent = chunk.getColumnVector(4) as DuckDBBigIntVector;
    const tsReceived = chunk.getColumnVector(5) as DuckDBBigIntVector;
    for (let i = 0; i < chunk.rowCount; i++) {
      trades.push({
        id: Number(id.getItem(i)),
        price: price.getItem(i) as number,
        quantity: quantity.getItem(i) as number,
        side: side.getItem(i) === 'buy' ? 'buy' : 'sell',
        tsEvent: Number(tsEvent.getItem(i)),
        tsReceived: Number(tsReceived.getItem(i)),
      });
    }
  }
  return trades;
}
