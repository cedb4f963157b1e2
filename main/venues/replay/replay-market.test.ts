import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { ok } from '../../../core/base/result.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { DepthColumns, RecordedEvent } from '../../../core/recording/recorded-event.ts';
import { ReplayMarket } from './replay-market.ts';

const ETH: Instrument = {
  venue: 'binance',
  symbol: 'ETH/USDT',
  venueSymbol: 'ETHUSDT',
  kind: 'spot',
  base: 'ETH',
  quote: 'USDT',
  tickSize: '0.01',
  lotSize: '0.0001',
  minNotional: '10',
  contractMultiplier: '1',
};
const at = (tsReceived: number) => ({ instrument: 0, tsEvent: tsReceived - 5, tsReceived });
const depth = (bids: readonly (readonly [number, number])[], asks: readonly (readonly [number, number])[]): DepthColumns => ({
  bidCount: bids.length,
  bidTicks: Float64Array.from(bids, ([ticks]) => ticks),
  bidLots: Float64Array.from(bids, ([, lots]) => lots),
  askCount: asks.length,
  askTicks: Float64Array.from(asks, ([ticks]) => ticks),
  askLots: Float64Array.from(asks, ([, lots]) => lots),
});
const snapshot = (t: number, carried?: true): RecordedEvent => ({
  kind: 'snapshot',
  ...at(t),
  ...(carried && { carried }),
  depth: depth(
    [
      [20_000, 5],
      [19_999, 7],
    ],
    [[20_001, 3]],
  ),
});
const live = (t: number, carried?: true): RecordedEvent => ({
  kind: 'state',
  ...at(t),
  ...(carried && { carried }),
  state: 'live',
  reason: 'in step with the stream',
});
const delta = (t: number, lots: number): RecordedEvent => ({ kind: 'delta', ...at(t), depth: depth([[20_000, lots]], []) });
const trade = (t: number): RecordedEvent => ({
  kind: 'trade',
  ...at(t),
  trade: { id: t, price: 200, quantity: 1, side: 'buy', tsEvent: t - 5, tsReceived: t },
});

function open(candles: readonly Candle[] = []) {
  const clock = new ManualClock(1_000);
  const market = new ReplayMarket({
    instruments: [{ instrument: ETH, bookLotSize: '0.0001' }],
    clock,
    candles: async (_instrument, _timeframe, from, to) => ok(candles.filter(({ openTime }) => openTime >= from && openTime < to)),
  });
  const venue = market.marketDataOf('binance', () => 1);
  const told: string[] = [];
  const session = venue.open([ETH], {
    onTrade: (instrument, { id }) => told.push(`trade ${instrument.symbol} ${id}`),
    onBook: (_instrument, book, _tsEvent, tsReceived) =>
      told.push(`book ${book.bestBid}/${book.bestAsk} ${book.bestBidQuantity} at ${tsReceived}`),
    onBookState: (_instrument, state, reason) => told.push(`${state}: ${reason}`),
    onKline: () => {},
  });
  return { clock, market, venue, session, told };
}

describe('ReplayMarket', () => {
  it('brings the book to the beginning in silence, then tells what happens', () => {
    const { market, told, session } = open();
    for (const event of [snapshot(100), live(100), trade(150), delta(200, 9)]) market.onEvent(event, true);
    expect(told).toEqual([]);
    expect(session.health(ETH).connection).toBe('reconnecting');
    market.onBegin();
    market.onEvent(trade(1_010), false);
    market.onEvent(delta(1_020, 11), false);
    expect(told).toEqual([
      'live: in step with the stream',
      'book 200/200.01 0.0009 at 1000',
      'trade ETH/USDT 1010',
      'book 200/200.01 0.0011 at 1020',
    ]);
    expect(session.health(ETH)).toMatchObject({ connection: 'open', book: 'live', lastMessageWallMs: 1_000 });
  });

  it('says between which times nothing was recorded, and believes no book until the next snapshot', () => {
    const { market, clock, told, session } = open();
    for (const event of [snapshot(100), live(100)]) market.onEvent(event, true);
    market.onBegin();
    told.length = 0;
    clock.advanceTo(2_000);
    market.onGap({ from: 2_000, to: 9_000 });
    expect(told).toEqual(['stale: not recorded between 1970-01-01T00:00:02Z and 1970-01-01T00:00:09Z']);
    expect(session.health(ETH)).toMatchObject({ connection: 'reconnecting', book: 'stale', gaps: 1 });
    clock.advanceTo(9_000);
    market.onEvent(live(9_000, true), false);
    market.onEvent(delta(9_001, 1), false);
    expect(told.slice(1)).toEqual(['syncing: waiting for the segment’s snapshot']);
    market.onEvent(snapshot(9_002, true), false);
    expect(told.slice(2)).toEqual(['live: in step with the recording', 'book 200/200.01 0.0005 at 9002']);
  });

  it('skips what a segment repeats when it comes from the one before', () => {
    const { market, told, session } = open();
    for (const event of [snapshot(100), live(100), delta(200, 9)]) market.onEvent(event, true);
    market.onBegin();
    told.length = 0;
    market.onEvent(live(1_500, true), false);
    market.onEvent(snapshot(1_500, true), false);
    expect(told).toEqual([]);
    expect(session.book(ETH).bestBidQuantity).toBe(0.0009);
  });

  it('gives no candle that was not closed by the replay’s now', async () => {
    const candle = (openTime: number): Candle => ({
      openTime,
      open: 1,
      high: 1,
      low: 1,
      close: 1,
      volume: 1,
      buyVolume: 0,
      tradeCount: 1,
      filled: false,
    });
    const { venue, clock } = open([0, 60_000, 120_000, 180_000].map(candle));
    const times = async (): Promise<number[]> => {
      const read = await venue.candles(ETH, '1m', 0, 1e12, 1_000);
      return read.ok ? read.value.map(({ openTime }) => openTime) : [];
    };
    expect(await times()).toEqual([]);
    clock.advanceTo(119_999);
    expect(await times()).toEqual([0]);
    clock.advanceTo(120_000);
    expect(await times()).toEqual([0, 60_000]);
    expect(await venue.serverTime()).toEqual(ok(120_000));
  });

  it('knows how late trades came, of late', () => {
    const { market } = open();
    const late = (t: number, ms: number): RecordedEvent => {
      const event = trade(t);
      return { ...event, tsEvent: t - ms };
    };
    market.onEvent(late(1_000, 17_000), true);
    market.onEvent(late(30_000, 40), false);
    expect(market.tradeLagMs).toBe(17_000);
    market.onEvent(late(70_000, 300), false);
    expect(market.tradeLagMs).toBe(17_000);
    market.onEvent(late(140_000, 50), false);
    expect(market.tradeLagMs).toBe(300);
  });

  it('does not know an instrument that is not in the recording', async () => {
    const { venue } = open();
    expect(await venue.instruments(['ETH/USDT'])).toEqual(ok([ETH]));
    expect(await venue.instruments(['BTC/USDT'])).toMatchObject({ ok: false, error: { code: 'VENUE_UNKNOWN_SYMBOL' } });
  });
});
