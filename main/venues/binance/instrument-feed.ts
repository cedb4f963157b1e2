import type { Candle } from '../../../core/market/candle.ts';
import { type DecimalStep, decimalStep, stepsToNumber } from '../../../core/market/decimal-parse.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import { L2Book } from '../../../core/market/l2-book.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { MarketListener, SessionHealth } from '../../ports/venue.ts';
import type { DepthDelta } from './depth-delta.ts';
import { LatencyWindow, RateMeter } from './health.ts';
import { bookLotOf } from './symbols.ts';
import { BookSync } from './sync.ts';

/** Everything the session keeps per instrument: its book, its trade sequence, its figures. */
export class InstrumentFeed {
  readonly instrument: Instrument;
  readonly tick: DecimalStep;
  /** The book's quantity grid, not the instrument's. */
  readonly lot: DecimalStep;
  readonly book: L2Book;
  readonly sync: BookSync;
  readonly latency = new LatencyWindow();
  readonly rate = new RateMeter();
  readonly #listener: MarketListener;
  lastMessageWallMs: number | undefined;
  /** Silence is counted from here: the last depth update, or the (re)connection. */
  lastDepthWallMs = 0;
  lastError: string | undefined;
  /** Snapshot requests in this spell of trouble, for the back-off. */
  snapshotAttempts = 0;
  lastSnapshotWallMs = 0;
  snapshotPending = false;
  #tradeGaps = 0;
  #lastTradeId = -1;
  #lastTradeTime = 0;

  constructor(instrument: Instrument, bucketWidth: number, listener: MarketListener) {
    const tick = decimalStep(instrument.tickSize);
    const lot = decimalStep(instrument.lotSize);
    if (tick === undefined || lot === undefined) {
      throw new RangeError(
        `${instrument.symbol}: tick ${instrument.tickSize} and lot ${instrument.lotSize} must be decimals above 0`,
      );
    }
    this.instrument = instrument;
    this.tick = tick;
    this.lot = bookLotOf(lot);
    this.book = new L2Book({ tickSize: Number(instrument.tickSize), lotSize: stepsToNumber(1, this.lot), bucketWidth });
    this.#listener = listener;
    this.sync = new BookSync(this.book, (state, reason) => {
      if (state === 'stale') this.lastError = reason;
      listener.onBookState(instrument, state, reason);
    });
  }

  onDelta(delta: DepthDelta, tsReceived: number): void {
    this.latency.add(tsReceived - delta.tsEvent);
    if (this.sync.onDelta(delta) === 'applied') this.#listener.onBook(this.instrument, this.book, delta.tsEvent, tsReceived);
  }

  onTrade(trade: Trade): void {
    this.latency.add(trade.tsReceived - trade.tsEvent);
    if (trade.id <= this.#lastTradeId) {
      // Sent twice around a reconnect. Older ids with newer times are a sequence that began anew, as after a venue's reset.
      if (trade.tsEvent <= this.#lastTradeTime) return;
      this.#noteTradeGap(`trade ids went back from ${this.#lastTradeId} to ${trade.id}`);
    } else if (this.#lastTradeId >= 0 && trade.id > this.#lastTradeId + 1) {
      this.#noteTradeGap(`${trade.id - this.#lastTradeId - 1} trades missed (ids ${this.#lastTradeId + 1}–${trade.id - 1})`);
    }
    this.#lastTradeId = trade.id;
    this.#lastTradeTime = trade.tsEvent;
    this.#listener.onTrade(this.instrument, trade);
  }

  onKline(candle: Candle, closed: boolean): void {
    this.#listener.onKline(this.instrument, candle, closed);
  }

  health(connection: SessionHealth['connection'], wallNowMs: number, connectionError: string | undefined): SessionHealth {
    return {
      connection,
      book: this.sync.state,
      bookReason: this.sync.reason,
      latencyMsP50: this.latency.p50,
      lastMessageWallMs: this.lastMessageWallMs,
      messagesPerSecond: this.rate.perSecond(wallNowMs),
      resyncs: this.sync.resyncs,
      gaps: this.sync.gaps + this.#tradeGaps,
      lastError: this.lastError ?? connectionError,
    };
  }

  #noteTradeGap(reason: string): void {
    this.#tradeGaps++;
    this.lastError = reason;
  }
}
