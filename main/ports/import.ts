import type { RowError } from '../../core/contracts/import.ts';
import type { Candle } from '../../core/market/candle.ts';
import type { VenueId } from '../../core/market/instrument.ts';
import type { ImportRow } from '../../core/market/import-rows.ts';
import type { StoredTimeframe } from '../../core/market/timeframe.ts';
import type { Trade } from '../../core/market/trade.ts';
import type { Stored } from './stored.ts';

export interface PickedFile {
  readonly path: string;
  readonly name: string;
  readonly bytes: number;
}

/** The user's choice of a file, by the host's own dialog; undefined when none was chosen. */
export type PickFile = () => Promise<PickedFile | undefined>;

/** A file that has been read into scratch space, as texts, whatever its format. */
export interface LoadedFile {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly totalRows: number;
  /** Rows that could not be split into columns; they are not among `totalRows`. */
  readonly unreadable: readonly RowError[];
  readonly unreadableRows: number;
  /** Rows from the `first` on (1 is the first), at most `count`, in the file's order. */
  rows(first: number, count: number): Stored<ImportRow[]>;
  /** Gives the scratch space back. */
  drop(): Stored<void>;
}

export interface StagedSummary {
  /** Rows left once of those with the same key only the last was counted. */
  readonly rows: number;
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/** Rows on their way into the store: nobody sees them until `commit`, which stores all of them or none. */
export interface Staging<R> {
  append(rows: readonly R[]): Stored<void>;
  summary(): Stored<StagedSummary>;
  commit(): Stored<void>;
  drop(): Stored<void>;
}

export interface ImportRepository {
  /** Reads a whole file into scratch space. A file that is none of its format is a STORE_FAILED that says so. */
  load(path: string, format: 'csv' | 'parquet'): Stored<LoadedFile>;
  stageCandles(venue: VenueId, symbol: string, timeframe: StoredTimeframe): Stored<Staging<Candle>>;
  stageTrades(venue: VenueId, symbol: string): Stored<Staging<Trade>>;
}
