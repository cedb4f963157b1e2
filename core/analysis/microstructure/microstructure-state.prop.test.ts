import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SplitMix32 } from '../../base/rng.ts';
import type { BookSample } from './book-pressure.ts';
import { MICROSTRUCTURE_FEATURES, type MicrostructureFeature } from './microstructure-features.ts';
import { MicrostructureState } from './microstructure-state.ts';

interface TradeEvent {
  readonly t: number;
  readonly price: number;
  readonly quantity: number;
  readonly side: 'buy' | 'sell';
}
interface BookEvent {
  readonly t: number;
  /** Undefined: no venue. */
  readonly mid: number | undefined;
  readonly spreadBps: number;
}
type MarketEvent = TradeEvent | BookEvent;
type Session = readonly MarketEvent[];

const NONE = Array.from({ length: 41 }, () => 0);

function sampleOf({ mid, spreadBps }: BookEvent): BookSample {
  return {
    venues: mid === undefined ? [] : ['binance'],
    mid: mid ?? 0,
    spreadBps,
    microprice: mid ?? 0,
    bestBidQuantity: 1,
    bestAskQuantity: 1,
    bidNotional: NONE,
    askNotional: NONE,
  };
}

const START = Date.UTC(2024, 4, 1, 23, 59, 0);

/** Seconds of trades and samples, some of them quiet, with stretches in which no book is live. */
function session(seed: number, seconds: number): Session {
  const rng = new SplitMix32(seed);
  const events: MarketEvent[] = [];
  let mid = 2_000;
  let live = true;
  for (let tick = 0; tick < 10 * seconds; tick++) {
    const t = START + 370 + 100 * tick;
    mid *= 1 + 2e-4 * (rng.next() - 0.5);
    if (rng.next() < 0.01) live = !live;
    events.push({ t, mid: live ? mid : undefined, spreadBps: 1 + rng.next() });
    for (let count = Math.floor(6 * rng.next() ** 2); count > 0; count--) {
      const price = mid * (1 + 1e-3 * (rng.next() - 0.5));
      events.push({ t: t + 40, price, quantity: 5 * rng.next() ** 4, side: rng.next() < 0.55 ? 'buy' : 'sell' });
    }
  }
  return events;
}

function play(state: MicrostructureState, events: Session): void {
  for (const event of events) {
    if ('price' in event) state.onTrade({ ...event, tsEvent: event.t, tsReceived: event.t });
    else state.onBook(event.t, sampleOf(event));
  }
}

function valuesOf(state: MicrostructureState, t: number): Record<MicrostructureFeature, number> {
  const values = state.features(t);
  return Object.fromEntries(MICROSTRUCTURE_FEATURES.map((name, i) => [name, values[i]])) as Record<MicrostructureFeature, number>;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** The definitions, on plain lists, as of `now`, a whole second at least 66 s after the start. */
function naive(events: Session, now: number): Partial<Record<MicrostructureFeature, number>> {
  const trades = events.flatMap((event) => ('price' in event ? [event] : []));
  const books = events.flatMap((event) => ('price' in event ? [] : [event]));
  const midBefore = (t: number, inclusive: boolean): number =>
    books.filter((book) => (inclusive ? book.t <= t : book.t < t)).at(-1)?.mid ?? Number.NaN;
  const within = (from: number, to: number) => trades.filter(({ t }) => t >= from && t < to);
  const sign = ({ side }: TradeEvent): number => (side === 'buy' ? 1 : -1);
  const notional = ({ price, quantity }: TradeEvent): number => price * quantity;

  const minute = within(now - 60_000, now);
  const bought = sum(minute.filter(({ side }) => side === 'buy').map(({ quantity }) => quantity));
  const sold = sum(minute.filter(({ side }) => side === 'sell').map(({ quantity }) => quantity));
  const costs = minute.flatMap((trade) => {
    const mid = midBefore(trade.t, true);
    return Number.isNaN(mid) ? [] : [[notional(trade), (2 * sign(trade) * (trade.price - mid)) / mid] as const];
  });
  const matured = within(now - 65_000, now - 5_000).flatMap((trade) => {
    const mid = midBefore(trade.t, true);
    const later = midBefore(Math.floor(trade.t / 1_000) * 1_000 + 6_000, false);
    if (Number.isNaN(mid) || Number.isNaN(later)) return [];
    return [[notional(trade), (2 * sign(trade) * (trade.price - later)) / mid, (2 * sign(trade) * (later - mid)) / mid] as const];
  });
  const weighted = (pairs: readonly (readonly [number, number])[]): number =>
    (10_000 * sum(pairs.map(([weight, value]) => weight * value))) / sum(pairs.map(([weight]) => weight));

  const whole = Math.ceil(START / 1_000) * 1_000 + (START % 1_000 === 0 ? 1_000 : 0);
  const seconds: { change: number; signed: number; root: number; notional: number }[] = [];
  for (let second = Math.max(whole + 1_000, now - 300_000); second < now; second += 1_000) {
    const change = 10_000 * Math.log(midBefore(second + 1_000, false) / midBefore(second, false));
    if (Number.isNaN(change)) continue;
    const of = within(second, second + 1_000);
    seconds.push({
      change,
      signed: sum(of.map((trade) => sign(trade) * notional(trade))) / 1e6,
      root: sum(of.map((trade) => sign(trade) * Math.sqrt(notional(trade)))) / 1e3,
      notional: sum(of.map(notional)) / 1e6,
    });
  }
  const line = (x: readonly number[]) => {
    const y = seconds.map(({ change }) => change);
    const [meanX, meanY] = [sum(x) / x.length, sum(y) / y.length];
    const xy = sum(x.map((value, i) => (value - meanX) * ((y[i] as number) - meanY)));
    const xx = sum(x.map((value) => (value - meanX) ** 2));
    const yy = sum(y.map((value) => (value - meanY) ** 2));
    return { slope: xy / xx, r2: (xy * xy) / (xx * yy) };
  };
  const kyle = line(seconds.map(({ signed }) => signed));
  const known = seconds.length >= 60;
  const traded = seconds.filter((second) => second.notional > 0);
  const midnight = START + 60_000;
  const spreads = books.filter(({ t, mid }) => t >= now - 60_000 && t < now && mid !== undefined);
  const cvdFrom = now > midnight ? midnight : whole;
  return {
    buyRate: bought / 60,
    sellRate: sold / 60,
    signedVolume: bought - sold,
    flowImbalance: (bought - sold) / (bought + sold),
    cvd: sum(within(cvdFrom, now).map((trade) => sign(trade) * trade.quantity)),
    tradeRate: minute.length / 60,
    meanTradeNotional: sum(minute.map(notional)) / minute.length,
    meanSpreadBps: sum(spreads.map(({ spreadBps }) => spreadBps)) / spreads.length,
    effectiveSpreadBps: weighted(costs),
    realisedSpreadBps: weighted(matured.map(([weight, realised]) => [weight, realised] as const)),
    impactBps: weighted(matured.map(([weight, , impact]) => [weight, impact] as const)),
    kyleLambda: known ? kyle.slope : Number.NaN,
    kyleR2: known ? kyle.r2 : Number.NaN,
    hasbrouckLambda: known ? line(seconds.map(({ root }) => root)).slope : Number.NaN,
    amihud:
      traded.length < 20 ? Number.NaN : sum(traded.map((second) => Math.abs(second.change) / second.notional)) / traded.length,
  };
}

describe('MicrostructureState', () => {
  it('tells what the definitions say of any session', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 66, max: 130 }), (seed, seconds) => {
        const events = session(seed, seconds);
        const state = new MicrostructureState();
        play(state, events);
        const now = START + 1_000 * seconds;
        const told = valuesOf(state, now);
        const expected = naive(
          events.filter(({ t }) => t < now),
          now,
        );
        for (const [name, value] of Object.entries(expected)) {
          const got = told[name as MicrostructureFeature];
          if (Number.isNaN(value)) expect(got, name).toBeNaN();
          else expect(Math.abs(got - value), `${name}: ${got}, not ${value}`).toBeLessThanOrEqual(1e-7 + 1e-7 * Math.abs(value));
        }
      }),
      { numRuns: 12 },
    );
  });

  it('tells the same however often it is asked in between', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (seed, asking) => {
        const events = session(seed, 70);
        const [asked, unasked] = [new MicrostructureState(), new MicrostructureState()];
        play(unasked, events);
        const rng = new SplitMix32(asking);
        for (const event of events) {
          play(asked, [event]);
          if (rng.next() < 0.1) asked.features(event.t + 50 * rng.next());
        }
        const now = START + 70_400;
        expect(asked.features(now)).toEqual(unasked.features(now));
      }),
      { numRuns: 10 },
    );
  });
});
