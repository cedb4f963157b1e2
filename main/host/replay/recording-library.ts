import type { Result } from '../../../core/base/result.ts';
import type { RecordedMarket, RecordingSummary } from '../../../core/contracts/replay.ts';
import type { RecordedInstrument } from '../../../core/recording/recorded-event.ts';
import type { RecordedEventSource, TimeSpan } from '../../../core/recording/replay-engine.ts';

/** Part of a market's recording, ready to be read. */
export interface OpenRecording {
  readonly instruments: readonly RecordedInstrument[];
  /** Ascending and apart, within the interval asked for. */
  readonly gaps: readonly TimeSpan[];
  /** From the beginning of the last segment that started at or before where it begins. */
  readonly events: RecordedEventSource;
  close(): Promise<void>;
}

/** Everything that was recorded, by market. */
export interface RecordingLibrary {
  /** @param running the market that is being recorded at this moment, and its time; its last part ends there */
  list(running?: { readonly market: RecordedMarket; readonly now: number }): Promise<Result<RecordingSummary[]>>;
  /**
   * Of a market that is not being recorded.
   * @param at where the replay begins, within [from, to)
   */
  open(market: RecordedMarket, from: number, to: number, at: number): Promise<Result<OpenRecording>>;
  close(): Promise<void>;
}
