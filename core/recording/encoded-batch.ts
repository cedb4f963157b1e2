import type { EpochMs } from '../base/clock.ts';
import type { DataMode } from '../contracts/primitives.ts';
import { crc32 } from './crc32.ts';
import type { RecordedInstrument } from './recorded-event.ts';

/** Raised when the bytes of the columns change their meaning. A reader refuses what is newer than itself. */
export const RECORDING_FORMAT = 1;

/**
 * What each column holds, event after event; `event-codec.ts` writes and reads them.
 * - `kinds`: instrument · 8 + carried · 4 + kind (0 trade, 1 snapshot, 2 delta, 3 state)
 * - `times`: tsReceived as the difference to the event before (to `firstReceived` for the first), then tsReceived − tsEvent, zigzag
 * - `trades`: flags (1 sell, 2 price as a double, 4 quantity as a double, 8 id as a double), id, price in ticks, quantity in lots,
 *   and how much earlier than the event the trade itself was received
 * - `counts`: number of bid and of ask levels
 * - `ticks`: prices as differences, zigzag: the first to the first of the instrument's change before, the others to the level before
 * - `lots`: quantities
 * - `states`: index of the book's state, and the reason
 * Integers are LEB128. Differences begin anew with each batch, so that a batch can be read alone.
 */
export const BATCH_COLUMNS = ['kinds', 'times', 'trades', 'counts', 'ticks', 'lots', 'states'] as const;
export type BatchColumn = (typeof BATCH_COLUMNS)[number];
export type BatchColumns = Readonly<Record<BatchColumn, Uint8Array>>;

/** What an instrument's index in a segment stands for. It may be told again with a `bookLotSize` that was not known before. */
export interface InstrumentEntry extends RecordedInstrument {
  readonly index: number;
}

/** Some successive events of a segment. */
export interface EncodedBatch {
  readonly events: number;
  readonly trades: number;
  readonly firstReceived: EpochMs;
  readonly lastReceived: EpochMs;
  /** Instruments that are new, or newly told, since the segment's last batch. */
  readonly instruments: readonly InstrumentEntry[];
  readonly columns: BatchColumns;
}

/** What a segment says of itself. */
export interface SegmentHeader {
  readonly format: number;
  readonly mode: DataMode;
  /** By the index that events have. */
  readonly instruments: readonly RecordedInstrument[];
  /** Market time of the first and of the last event. */
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly batches: number;
  readonly events: number;
  readonly trades: number;
  /** Wall time at which it was begun. */
  readonly recordedAt: EpochMs;
  /** CRC-32 over the batches' own. */
  readonly check: number;
}

/** CRC-32 over the columns in their order. */
export function checkOf(columns: BatchColumns): number {
  let crc = 0;
  for (const name of BATCH_COLUMNS) crc = crc32(columns[name], crc);
  return crc;
}

/** `check` of a segment, carried on by one batch. */
export function chainCheck(check: number, batchCheck: number): number {
  return crc32(Uint8Array.of(batchCheck & 255, (batchCheck >>> 8) & 255, (batchCheck >>> 16) & 255, batchCheck >>> 24), check);
}
