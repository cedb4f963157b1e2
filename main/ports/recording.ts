import type { Failure, Result } from '../../core/base/result.ts';
import type { RecordingMove, SegmentView } from '../../core/contracts/recording.ts';
import type { EncodedBatch, SegmentHeader } from '../../core/recording/encoded-batch.ts';

export type RecordingFailure = Failure<
  | 'RECORDING_FULL'
  | 'RECORDING_FAILED'
  | 'RECORDING_DAMAGED'
  | 'RECORDING_UNKNOWN'
  | 'RECORDING_EXISTS'
  | 'RECORDING_CANCELLED'
  | 'RECORDING_CLOSED'
>;
export type Recorded<T> = Promise<Result<T, RecordingFailure>>;

/** What was found of segments whose process ended before them. */
export interface Recovery {
  readonly id: string;
  readonly events: number;
  /** Bytes at the end that made no whole batch and were cut off. */
  readonly cutBytes: number;
}

/** Writes one segment after the other. Calls are made one at a time. */
export interface SegmentSink {
  /** Of segments that were not ended. Before the first `begin`. */
  recover(): Recorded<Recovery[]>;
  begin(): Recorded<void>;
  /** Answers when a killed process would leave the batch behind. A failed call may be made again with the same batch. */
  append(batch: EncodedBatch): Recorded<void>;
  /** The segment becomes readable a moment later. */
  end(): Recorded<void>;
}

/** Recorded segments of one market. */
export interface SegmentLibrary {
  /** Oldest first. Reads what segments say of themselves, not their events. */
  list(): Recorded<SegmentView[]>;
  header(id: string): Recorded<SegmentHeader>;
  /**
   * Hands out the segment's batches in order, each when the one before was taken. Every batch is checked against its CRC.
   * `EncodedBatch.instruments` of the first names all of the segment's. Failures: RECORDING_UNKNOWN, RECORDING_DAMAGED,
   * RECORDING_CANCELLED.
   */
  read(id: string, take: (batch: EncodedBatch) => void | Promise<void>, signal?: AbortSignal): Recorded<void>;
  remove(id: string): Recorded<void>;
  /** Copies to `folder`, compares, and only then deletes the original. Cancelled or failed, the original is all there is. */
  archive(id: string, folder: string, signal: AbortSignal, progress: (bytes: number) => void): Recorded<void>;
  /** The segments of an archive folder. */
  listArchive(folder: string): Recorded<SegmentView[]>;
  /** The way back; the archive's copy is deleted when the segment is here again. */
  restore(id: string, folder: string, signal: AbortSignal, progress: (bytes: number) => void): Recorded<void>;
}

export interface RecordingStore extends SegmentSink, SegmentLibrary {
  /** Free bytes of the disk; undefined where the system does not say. */
  freeBytes(): Promise<number | undefined>;
  /** Resolves when every ended segment was turned into its readable form, or that failed. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** The user's choice of a folder, by the host's own dialog; undefined when none was chosen. */
export type PickFolder = (purpose: RecordingMove) => Promise<string | undefined>;
