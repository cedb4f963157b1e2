import type { Cancel, Clock } from '../../../core/base/clock.ts';
import type { Emitter } from '../../../core/base/emitter.ts';
import type { Result } from '../../../core/base/result.ts';
import type { AccountState, LastOutput } from '../../../core/features/base-input/context-row.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { CollectedSecond } from '../../../core/market/cob-seconds.ts';
import type { Span } from '../../../core/market/spans.ts';
import type { StoredTimeframe, Timeframe } from '../../../core/market/timeframe.ts';
import type { Log } from '../../ports/log.ts';
import type { LearningRepository, MarketRepository } from '../../ports/store.ts';

export interface InputDeps {
  readonly candles: { onCandleClosed(symbol: string, timeframe: Timeframe, listener: (candle: Candle) => void): Cancel };
  readonly history: { readonly stored: Emitter<Span & { readonly symbol: string; readonly timeframe: StoredTimeframe }> };
  readonly cob: { readonly seconds: Emitter<{ readonly symbol: string; readonly collected: CollectedSecond }> };
  readonly market: Pick<MarketRepository, 'candleColumns' | 'candleColumnsOf' | 'cobSeconds'>;
  readonly learning: Pick<LearningRepository, 'predictions'>;
  readonly ensureHistory: (symbol: string, timeframe: StoredTimeframe, from: number, to: number) => Promise<Result<void>>;
  /** With whose seconds a symbol is compared; the symbol itself is compared with itself. */
  readonly referenceSymbol: string;
  /** The newest state from `t` or before; undefined while it is not known. */
  readonly account: (symbol: string, t: number) => AccountState | undefined;
  /** The newest output of every model, of inputs before `t`. */
  readonly outputs: (symbol: string, t: number) => readonly LastOutput[];
  readonly clock: Clock;
  readonly wall: Clock;
  readonly log: Log;
}
