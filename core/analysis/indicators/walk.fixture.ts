import { SplitMix32 } from '../../base/rng.ts';
import { candleColumns, type CandleColumns } from '../../market/candle.ts';

/** Test data: 15m candles of a seeded walk in whole cents, with stretches in which nothing trades. */
export function walk(seed: number, length: number): CandleColumns {
  const rng = new SplitMix32(seed);
  const random = (): number => rng.next();
  const columns = candleColumns(length);
  let close = 20_000 + Math.round(2_000_000 * random());
  let quietFor = 0;
  for (let i = 0; i < length; i++) {
    quietFor = quietFor > 0 ? quietFor - 1 : random() < 0.03 ? Math.floor(8 * random()) : 0;
    const open = close;
    const quiet = quietFor > 0;
    if (!quiet) close = Math.max(100, open + Math.round(400 * (random() - 0.5)));
    columns.openTime[i] = 1_600_000_000_000 + 900_000 * i;
    columns.open[i] = open / 100;
    columns.high[i] = (Math.max(open, close) + (quiet ? 0 : Math.floor(90 * random()))) / 100;
    columns.low[i] = (Math.min(open, close) - (quiet ? 0 : Math.floor(90 * random()))) / 100;
    columns.close[i] = close / 100;
    columns.volume[i] = quiet ? 0 : Math.round(1_000_000 * random() ** 3) / 1_000;
  }
  return columns;
}

/**
 * The candles that our values and those of independent libraries are compared on. The seed is one whose walk has no ties by which the
 * libraries part from the sources (two equal directional movements, a low that touches the stop without passing it) after they have met.
 */
export const REFERENCE_SEED = 4;
export const REFERENCE_LENGTH = 1_000;
