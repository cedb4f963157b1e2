export const MINUTE_MS = 60_000;

/** One recorded minute; prices in ticks. */
export interface RecordedMinute {
  /** Milliseconds since the epoch. */
  readonly openTime: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly lots: number;
}
