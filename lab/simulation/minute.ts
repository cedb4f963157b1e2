import { nextNormal, SplitMix32 } from '../../core/base/rng.ts';
import type { LabInstrument } from '../instruments.ts';
import { MINUTE_MS, type RecordedMinute } from '../recording/recorded-minute.ts';
import { plannedBuyLots, plannedTradeCount, streamSeed } from './trade-plan.ts';

/** A minute's trades as columns of equal length, in the order they happened. */
export interface MinuteTrades {
  readonly count: number;
  /** Milliseconds after the minute's open, 0 ≤ offset < 60 000, never falling. */
  readonly offsetMs: Int32Array;
  /** Ticks. */
  readonly price: Int32Array;
  readonly lots: Float64Array;
  /** 1: the taker bought. */
  readonly buy: Uint8Array;
}

/** Shares of trades that come in a burst, and how much shorter and longer the waits are in and between bursts. */
const BURST_SHARE = 0.7;
const WAIT_IN_BURST = 0.25;
const WAIT_BETWEEN_BURSTS = 2.75;
/** Spread of trade sizes: the standard deviation of their logarithm. */
const SIZE_SIGMA = 1.4;

/** A minute of another market that is played already, and how its prices stand to ours. */
export interface LeadingMinute {
  readonly trades: MinuteTrades;
  /** Our price over its price, both in ticks, so many milliseconds after the minute's open. */
  scaleAt(offsetMs: number): number;
}

/**
 * Plays one recorded minute: trades whose first, highest, lowest and last price and whose total volume are exactly the recorded ones,
 * on a bridged random walk between them (or, after a leader, on its path), with clustered times and heavy-tailed sizes.
 * Depends on its arguments only: the same seed gives the same trades, wherever and whenever the market was started.
 */
export function simulateMinute(
  seed: number,
  instrument: LabInstrument,
  minute: RecordedMinute,
  leading?: LeadingMinute,
): MinuteTrades {
  const count = plannedTradeCount(instrument, minute);
  const trades: MinuteTrades = {
    count,
    offsetMs: new Int32Array(count),
    price: new Int32Array(count),
    lots: new Float64Array(count),
    buy: new Uint8Array(count),
  };
  if (count === 0) return trades;
  const rng = new SplitMix32(streamSeed(seed, instrument.symbol, minute.openTime, 0));
  drawTimes(rng, trades);
  if (leading === undefined || leading.trades.count === 0) drawPath(rng, trades, minute);
  else followPath(rng, trades, minute, leading);
  const buyLots = plannedBuyLots(seed, instrument, minute);
  balanceSides(trades, buyLots, minute.lots - buyLots);
  drawSizes(rng, trades, buyLots, minute.lots - buyLots);
  return trades;
}

function drawTimes(rng: SplitMix32, trades: MinuteTrades): void {
  const { count, offsetMs } = trades;
  const waits = new Float64Array(count + 1);
  let total = 0;
  for (let i = 0; i <= count; i++) {
    const scale = rng.next() < BURST_SHARE ? WAIT_IN_BURST : WAIT_BETWEEN_BURSTS;
    // Never quite zero, so that the last trade stays inside the minute.
    total += 1e-6 - Math.log(1 - rng.next()) * scale;
    waits[i] = total;
  }
  for (let i = 0; i < count; i++) offsetMs[i] = Math.min(MINUTE_MS - 1, Math.floor(((waits[i] as number) / total) * MINUTE_MS));
}

/** Fixes open, both extremes and close at chosen trades and bridges a random walk between them. */
function drawPath(rng: SplitMix32, trades: MinuteTrades, minute: RecordedMinute): void {
  const { count, price, buy } = trades;
  const { open, high, low } = minute;
  const anchors = placeAnchors(rng, count, minute);
  const range = high - low;
  // A walk of n steps of deviation s spans about 1.6·s·√n; a little less keeps it from pressing against the extremes.
  const step = Math.max(0.3, (0.7 * range) / (1.6 * Math.sqrt(count)));
  const halfSpread = halfSpreadTicks(open);
  let bought = rng.next() < 0.5;
  let position = open;
  for (let a = 0; a + 1 < anchors.length; a++) {
    const from = anchors[a] as Anchor;
    const to = anchors[a + 1] as Anchor;
    const length = to.index - from.index;
    const walk = new Float64Array(length + 1);
    for (let j = 1; j <= length; j++) walk[j] = (walk[j - 1] as number) + step * nextNormal(rng);
    for (let j = 1; j < length; j++) {
      const bridge =
        from.price + ((to.price - from.price) * j) / length + (walk[j] as number) - ((walk[length] as number) * j) / length;
      const next = reflect(bridge, low, high);
      const lean = Math.max(-1, Math.min(1, (next - position) / step));
      bought = rng.next() < 0.5 + 0.3 * lean + (bought ? 0.15 : -0.15);
      position = next;
      const touch = Math.round(next + (bought ? halfSpread : -halfSpread));
      price[from.index + j] = Math.max(low, Math.min(high, touch));
      buy[from.index + j] = bought ? 1 : 0;
    }
  }
  for (const { index, price: fixed } of anchors) {
    price[index] = fixed;
    buy[index] = fixed === high && high !== low ? 1 : fixed === low && high !== low ? 0 : rng.next() < 0.5 ? 1 : 0;
  }
}

/** Share of trades whose taker is on the leader's side. */
const SAME_SIDE = 0.8;

/**
 * Prices by the leader's last trade at each time, so that merged books are of one market. Open and close are where they are; the
 * extremes go to the trades at which the leader is furthest up and down.
 */
function followPath(rng: SplitMix32, trades: MinuteTrades, minute: RecordedMinute, leading: LeadingMinute): void {
  const { count, offsetMs, price, buy } = trades;
  const { open, high, low, close } = minute;
  let cursor = 0;
  let highest = -1;
  let lowest = -1;
  for (let i = 0; i < count; i++) {
    const offset = offsetMs[i] as number;
    while (cursor + 1 < leading.trades.count && (leading.trades.offsetMs[cursor + 1] as number) <= offset) cursor++;
    const at = Math.round((leading.trades.price[cursor] as number) * leading.scaleAt(offset));
    price[i] = Math.max(low, Math.min(high, at));
    const side = leading.trades.buy[cursor] as number;
    buy[i] = rng.next() < SAME_SIDE ? side : 1 - side;
    if (i === 0 || i === count - 1) continue;
    if (highest < 0 || (price[i] as number) > (price[highest] as number)) highest = i;
    if (lowest < 0 || (price[i] as number) < (price[lowest] as number)) lowest = i;
  }
  price[0] = open;
  if (count > 1) price[count - 1] = close;
  // With all trades at one price both extremes would have the same place; the plan counts one for each.
  if (highest === lowest && highest >= 0) lowest = highest > 1 ? highest - 1 : highest + 1;
  if (high !== open && high !== close) price[highest] = high;
  if (low !== open && low !== close) price[lowest] = low;
}

interface Anchor {
  readonly index: number;
  readonly price: number;
}

function placeAnchors(rng: SplitMix32, count: number, minute: RecordedMinute): Anchor[] {
  const { open, high, low, close } = minute;
  const first: Anchor = { index: 0, price: open };
  if (count === 1) return [first];
  // A rising minute more often makes its low first.
  const lowFirst = rng.next() < (close > open ? 0.75 : close < open ? 0.25 : 0.5);
  const extremes = (lowFirst ? [low, high] : [high, low]).filter((price) => price !== open && price !== close);
  const room = count - 2;
  const places: number[] = [];
  for (let i = 0; i < extremes.length; i++) places.push(1 + Math.floor(rng.next() * room));
  places.sort((a, b) => a - b);
  // Two extremes need two places; there is room for both, since the plan counts them.
  if (places.length === 2 && places[0] === places[1]) {
    if ((places[1] as number) < count - 2) places[1] = (places[1] as number) + 1;
    else places[0] = (places[0] as number) - 1;
  }
  return [first, ...extremes.map((price, i) => ({ index: places[i] as number, price })), { index: count - 1, price: close }];
}

/** Folds a value back into [low, high]. */
function reflect(value: number, low: number, high: number): number {
  if (value < low) return Math.min(high, 2 * low - value);
  if (value > high) return Math.max(low, 2 * high - value);
  return value;
}

/** Half of the usual distance between bid and ask: 0.2 basis points, at least half a tick. */
export function halfSpreadTicks(price: number): number {
  return Math.max(0.5, price * 2e-5 * 0.5);
}

/** Turns takers round until each side has a trade where it has volume, and no more trades than lots. */
function balanceSides(trades: MinuteTrades, buyLots: number, sellLots: number): void {
  const { count, buy } = trades;
  let buys = 0;
  for (let i = 0; i < count; i++) buys += buy[i] as number;
  const most = Math.min(buyLots, sellLots > 0 ? count - 1 : count);
  const least = Math.max(buyLots > 0 ? 1 : 0, count - sellLots);
  for (let i = 0; i < count && buys > most; i++) {
    if (buy[i] === 1) {
      buy[i] = 0;
      buys--;
    }
  }
  for (let i = 0; i < count && buys < least; i++) {
    if (buy[i] === 0) {
      buy[i] = 1;
      buys++;
    }
  }
}

/** Shares each side's lots out by heavy-tailed weights, one lot at least; what rounding leaves goes to the side's last trade. */
function drawSizes(rng: SplitMix32, trades: MinuteTrades, buyLots: number, sellLots: number): void {
  const { count, lots, buy } = trades;
  const weightOf = [0, 0];
  const countOf = [0, 0];
  const last = [-1, -1];
  for (let i = 0; i < count; i++) {
    const side = buy[i] as 0 | 1;
    const weight = Math.exp(SIZE_SIGMA * nextNormal(rng));
    lots[i] = weight;
    weightOf[side] = (weightOf[side] as number) + weight;
    countOf[side] = (countOf[side] as number) + 1;
    last[side] = i;
  }
  const left = [sellLots, buyLots];
  const spare = [sellLots - (countOf[0] as number), buyLots - (countOf[1] as number)];
  for (let i = 0; i < count; i++) {
    const side = buy[i] as 0 | 1;
    const size = 1 + Math.floor(((lots[i] as number) / (weightOf[side] as number)) * (spare[side] as number));
    lots[i] = i === last[side] ? (left[side] as number) : size;
    left[side] = (left[side] as number) - (lots[i] as number);
  }
}

/** Index of the first trade at or after `offsetMs`. */
export function lowerBound(trades: MinuteTrades, offsetMs: number): number {
  let low = 0;
  let high = trades.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((trades.offsetMs[middle] as number) < offsetMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
