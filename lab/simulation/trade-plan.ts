import { SplitMix32 } from '../../core/base/rng.ts';
import type { LabInstrument } from '../instruments.ts';
import type { RecordedMinute } from '../recording/recorded-minute.ts';

const TRADES_TYPICAL = 150;
const TRADES_MIN = 60;
const TRADES_MAX = 400;

/**
 * How many trades the minute is played with: more when more was traded, as on the exchange.
 * A function of the candle alone, so that every trade's id can be told without playing the minutes before it.
 */
export function plannedTradeCount(instrument: LabInstrument, minute: RecordedMinute): number {
  if (minute.lots === 0) return 0;
  const volume = minute.lots / 10 ** instrument.lotDecimals;
  const busy = Math.round(TRADES_TYPICAL * Math.sqrt(volume / instrument.typicalMinuteVolume));
  const wanted = Math.min(TRADES_MAX, Math.max(TRADES_MIN, busy));
  // Thin minutes have fewer trades, but never fewer than it takes to touch open, both extremes and close.
  return Math.max(pathLength(minute), Math.min(wanted, Math.floor(minute.lots / 8)));
}

/** The fewest trades whose prices have the candle's open, high, low and close. */
export function pathLength(minute: RecordedMinute): number {
  const { open, high, low, close } = minute;
  return 1 + (open === close && high === low ? 0 : 1) + inner(high, open, close) + inner(low, open, close);
}

function inner(extreme: number, open: number, close: number): number {
  return extreme !== open && extreme !== close ? 1 : 0;
}

/**
 * Lots that takers bought in the minute (the recording does not say). Rising minutes lean to buying.
 * Told from the candle alone, so that long candles need not play every minute.
 */
export function plannedBuyLots(seed: number, instrument: LabInstrument, minute: RecordedMinute): number {
  const rng = new SplitMix32(streamSeed(seed, instrument.symbol, minute.openTime, 1));
  const range = minute.high - minute.low;
  const drift = range > 0 ? (minute.close - minute.open) / range : 0;
  const share = 0.5 + 0.25 * drift + 0.2 * (rng.next() - 0.5);
  const trades = plannedTradeCount(instrument, minute);
  if (trades < 2) return share >= 0.5 ? minute.lots : 0;
  return Math.min(minute.lots - 1, Math.max(1, Math.round(share * minute.lots)));
}

/** A seed of its own for each (market, symbol, minute, purpose), well mixed so that neighbours are unrelated. */
export function streamSeed(seed: number, symbol: string, openTime: number, purpose: number): number {
  let hash = mix(seed ^ 0x5bd1e995);
  for (let i = 0; i < symbol.length; i++) hash = mix(hash ^ symbol.charCodeAt(i));
  hash = mix(hash ^ (Math.floor(openTime / 60_000) | 0));
  return mix(hash ^ purpose);
}

/** MurmurHash3's 32-bit finaliser (Appleby, public domain). */
function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) + 0x9e3779b9;
}
