import type { LabInstrument } from '../instruments.ts';
import type { Listing } from '../listings.ts';
import { pathLength } from '../simulation/trade-plan.ts';
import { streamSeed } from '../simulation/trade-plan.ts';
import { MINUTE_MS } from './recorded-minute.ts';
import { Recording } from './recording.ts';

/** The basis moves from one drawn value to the next over this long. */
const WANDER_MS = 10 * MINUTE_MS;
/** A minute's share of the recorded volume is the listing's share, times 1 ± this. */
const SHARE_SPREAD = 0.5;
const PURPOSE_BASIS = 3;
const PURPOSE_SHARE = 4;

/**
 * What a listing trades while the recorded market does what it did: the same price path at the listing's basis, in its steps, and its
 * share of the volume. Depends on seed, listing and minute only. Minutes that the recording lacks are absent here too.
 */
export function listedRecording(recorded: Recording, listing: Listing, seed: number): Recording {
  const { instrument } = listing;
  const { columns, length } = recorded;
  const perTick = stepSize(recorded.instrument, 'tick') / stepSize(instrument, 'tick');
  const lotSize = stepSize(recorded.instrument, 'lot') / stepSize(instrument, 'lot');
  const priceSize = stepSize(recorded.instrument, 'tick');
  const open = new Int32Array(length);
  const high = new Int32Array(length);
  const low = new Int32Array(length);
  const close = new Int32Array(length);
  const lots = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const minute = recorded.minute(i);
    const before = 1 + basisAt(seed, listing, minute.openTime);
    const after = 1 + basisAt(seed, listing, minute.openTime + MINUTE_MS);
    const first = Math.round(minute.open * perTick * before);
    open[i] = high[i] = low[i] = close[i] = first;
    if (minute.lots === 0) continue;
    const last = Math.round(minute.close * perTick * after);
    const middle = (before + after) / 2;
    close[i] = last;
    high[i] = Math.max(first, last, Math.round(minute.high * perTick * middle));
    low[i] = Math.min(first, last, Math.round(minute.low * perTick * middle));
    const drawn = uniform(seed, instrument.symbol, minute.openTime, PURPOSE_SHARE);
    const share = listing.volumeShare * (1 + SHARE_SPREAD * (2 * drawn - 1));
    const worth = instrument.inverse === true ? ((minute.open + minute.close) / 2) * priceSize : 1;
    const listed = { openTime: minute.openTime, open: first, high: high[i], low: low[i], close: last, lots: 0 };
    lots[i] = Math.max(
      pathLength({ ...listed, high: high[i] as number, low: low[i] as number }),
      Math.round(minute.lots * lotSize * share * worth),
    );
  }
  return new Recording(
    instrument,
    { openTime: columns.openTime, open, high, low, close, lots },
    { recording: recorded, perTick, scaleAt: (time) => perTick * (1 + basisAt(seed, listing, time)) },
  );
}

/** The listing's distance from the recorded price at `time`, as a fraction. */
function basisAt(seed: number, { instrument, basisBps, wanderBps }: Listing, time: number): number {
  const knot = Math.floor(time / WANDER_MS) * WANDER_MS;
  const from = 2 * uniform(seed, instrument.symbol, knot, PURPOSE_BASIS) - 1;
  const to = 2 * uniform(seed, instrument.symbol, knot + WANDER_MS, PURPOSE_BASIS) - 1;
  const part = (time - knot) / WANDER_MS;
  return (basisBps + wanderBps * (from + (to - from) * part)) * 1e-4;
}

function uniform(seed: number, symbol: string, time: number, purpose: number): number {
  return (streamSeed(seed, symbol, time, purpose) >>> 0) / 4294967296;
}

function stepSize(instrument: LabInstrument, of: 'tick' | 'lot'): number {
  const { tickUnits = 1, lotUnits = 1, tickDecimals, lotDecimals } = instrument;
  return of === 'tick' ? tickUnits / 10 ** tickDecimals : lotUnits / 10 ** lotDecimals;
}
