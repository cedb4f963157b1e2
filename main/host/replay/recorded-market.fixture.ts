import { createSystemClock } from '../host-clock.ts';
import { nextInt, SplitMix32 } from '../../../core/base/rng.ts';
import { BookColumns } from '../../../core/market/book-columns.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import { L2Book } from '../../../core/market/l2-book.ts';
import type { Trade } from '../../../core/market/trade.ts';
import { STORED_TIMEFRAMES, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import { RecordingWriter } from '../../../core/recording/recording-writer.ts';
import { openStore } from '../../storage/duckdb-store.ts';
import { openSegmentStore } from '../../storage/recording/segment-store.ts';
import type { DeskPaths } from '../desk-paths.ts';

export const FROM = Date.parse('2020-04-26T10:00:00Z');
/** Nothing is recorded in between. */
export const GAP = { from: FROM + 90_000, to: FROM + 120_000 };
export const TO = FROM + 210_000;

const ETH: Instrument = {
  venue: 'binance',
  symbol: 'ETH/USDT',
  venueSymbol: 'ETHUSDT',
  kind: 'spot',
  base: 'ETH',
  quote: 'USDT',
  tickSize: '0.01',
  lotSize: '0.0001',
  minNotional: '5',
  contractMultiplier: '1',
};
const BTC: Instrument = { ...ETH, symbol: 'BTC/USDT', venueSymbol: 'BTCUSDT', base: 'BTC' };

/**
 * A practice market's store and recording as they are left behind: candles of the hours before, and some minutes of events.
 * @param tradeLagMs how long after their time trades are received
 * @returns the trades of its first instrument, ETH/USDT on binance
 */
export async function leaveRecordedMarket(paths: DeskPaths, seed: number, tradeLagMs = 4): Promise<readonly Trade[]> {
  const wall = createSystemClock();
  const store = await openStore({ path: paths.store('SIM'), wall, flushMs: 1_000, batchRows: 1_000 });
  if (!store.ok) throw new Error(store.error.message);
  for (const { symbol } of [ETH, BTC]) {
    for (const timeframe of STORED_TIMEFRAMES) {
      const length = TIMEFRAME_MS[timeframe];
      const until = timeframe === '1s' ? TO : FROM;
      const count = timeframe === '1s' ? 900 : 120;
      const candles = Array.from({ length: count }, (_, i) => candleAt(until - (count - i) * length));
      const saved = await store.value.market.replaceCandles('binance', symbol, timeframe, candles);
      if (!saved.ok) throw new Error(saved.error.message);
    }
  }
  await store.value.close();

  const segments = openSegmentStore({ folder: paths.recording('SIM'), mode: 'SIM', wall });
  let writing: Promise<unknown> = Promise.resolve();
  const inTurn = (task: () => Promise<{ readonly ok: boolean }>): void => {
    writing = writing.then(task).then((done) => {
      if (!done.ok) throw new Error('the recording could not be written');
    });
  };
  const rng = new SplitMix32(seed);
  const trades: Trade[] = [];
  for (const span of [
    { from: FROM - 5_000, to: GAP.from },
    { from: GAP.to, to: TO },
  ]) {
    // As a desk that is started again: nothing is carried over the gap.
    const writer = new RecordingWriter(
      { batchEvents: 200, batchBytes: 100_000, segmentEvents: 1_000 },
      {
        onSegmentStart: () => inTurn(() => segments.begin()),
        onBatch: (batch) => inTurn(() => segments.append(batch)),
        onSegmentEnd: () => inTurn(() => segments.end()),
      },
    );
    const markets = [ETH, BTC, { ...ETH, venue: 'bybit' as const }].map(
      (instrument) => new RecordedInstrument(instrument, writer, rng),
    );
    for (const market of markets) market.connect(span.from);
    for (let t = span.from + 20; t <= span.to; t += 10 + nextInt(rng, 45)) {
      const market = markets[nextInt(rng, markets.length)];
      if (nextInt(rng, 3) === 0) market?.trade(t, tradeLagMs);
      else market?.change(t);
    }
    writer.roll();
    trades.push(...(markets[0]?.trades ?? []));
  }
  await writing;
  await segments.close();
  wall.close();
  return trades;
}

function candleAt(openTime: number): Candle {
  const open = 200 + ((openTime / 1_000) % 17) / 10;
  return {
    openTime,
    open,
    high: open + 1,
    low: open - 1,
    close: open + 0.5,
    volume: 3,
    buyVolume: 1,
    tradeCount: 4,
    filled: false,
  };
}

/** One instrument of the exchange: a book around 200.00 that changes by a level at a time. */
class RecordedInstrument {
  readonly trades: Trade[] = [];
  readonly #instrument: Instrument;
  readonly #writer: RecordingWriter;
  readonly #rng: SplitMix32;
  readonly #book = new L2Book({ tickSize: 0.01, lotSize: 0.0001, bucketWidth: 1 });
  readonly #columns = new BookColumns();
  #tradeId = 0;

  constructor(instrument: Instrument, writer: RecordingWriter, rng: SplitMix32) {
    this.#instrument = instrument;
    this.#writer = writer;
    this.#rng = rng;
  }

  connect(t: number): void {
    this.#writer.onBookState(this.#instrument, 'syncing', 'connected', t);
    for (let i = 0; i < 100; i++) {
      this.#book.setLevel('bid', 20_000 - i, 1 + nextInt(this.#rng, 100_000));
      this.#book.setLevel('ask', 20_010 + i, 1 + nextInt(this.#rng, 100_000));
    }
    this.#columns.copyOf(this.#book);
    this.#writer.onDepth(this.#instrument, this.#columns, t, t + 3, this.#book);
    this.#writer.onBookState(this.#instrument, 'live', 'in step with the stream', t + 3);
  }

  change(t: number): void {
    const side = nextInt(this.#rng, 2) === 0 ? 'bid' : 'ask';
    const ticks = side === 'bid' ? 20_004 - nextInt(this.#rng, 40) : 20_005 + nextInt(this.#rng, 40);
    const lots = nextInt(this.#rng, 4) === 0 ? 0 : 1 + nextInt(this.#rng, 100_000);
    this.#book.setLevel(side, ticks, lots);
    const level = { count: 1, ticks: Float64Array.of(ticks), lots: Float64Array.of(lots) };
    const none = { count: 0, ticks: new Float64Array(0), lots: new Float64Array(0) };
    const [bid, ask] = side === 'bid' ? [level, none] : [none, level];
    const change = {
      snapshot: false,
      ...{ bidCount: bid.count, bidTicks: bid.ticks, bidLots: bid.lots },
      ...{ askCount: ask.count, askTicks: ask.ticks, askLots: ask.lots },
    };
    this.#writer.onDepth(this.#instrument, change, t - 4, t, this.#book);
  }

  trade(t: number, lagMs: number): void {
    const side = nextInt(this.#rng, 2) === 0 ? 'buy' : 'sell';
    const price = (20_000 + nextInt(this.#rng, 11)) / 100;
    const quantity = (1 + nextInt(this.#rng, 5_000)) / 10_000;
    const trade = { id: ++this.#tradeId, price, quantity, side, tsEvent: t - lagMs, tsReceived: t } as const;
    this.#writer.onTrade(this.#instrument, trade);
    this.trades.push(trade);
  }
}
