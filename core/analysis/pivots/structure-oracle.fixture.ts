import type { Pivot, StructureLabel, Trend } from './pivot-level.ts';

export interface OracleCandle {
  readonly openTime: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

export interface OracleLevel {
  readonly pivots: readonly Pivot[];
  readonly trend: Trend;
  readonly trendStrength: number;
}

interface Found {
  readonly isHigh: boolean;
  readonly price: number;
  readonly time: number;
  readonly atr: number;
  readonly confirmedAt: number;
}

/** Successive fractals of one kind; the most extreme stands for them. */
interface Group {
  readonly chosen: Found;
  /** When the first of them was confirmed, which settled the group before. */
  readonly begunAt: number;
}

/** Market structure of the given candles straight from its definition, everything anew each time. */
export function oracleStructure(candles: readonly OracleCandle[], lengthMs: number, width: number): OracleLevel[] {
  let groups = alternate(candleFractals(candles, lengthMs, width));
  const levels = [describe(groups, 1)];
  for (let level = 2; level <= 5; level++) {
    groups = alternate(pivotFractals(groups, width));
    levels.push(describe(groups, level));
  }
  return levels;
}

/** Fractals by candle; of one that is both, both, in the order in which the rule of alternation wants them. */
function candleFractals(candles: readonly OracleCandle[], lengthMs: number, width: number): Found[] {
  const found: Found[] = [];
  for (let i = width; i + width < candles.length; i++) {
    const candle = candles[i] as OracleCandle;
    const before = candles.slice(i - width, i);
    const after = candles.slice(i + 1, i + width + 1);
    const isHigh = before.every(({ high }) => high < candle.high) && after.every(({ high }) => high <= candle.high);
    const isLow = before.every(({ low }) => low > candle.low) && after.every(({ low }) => low >= candle.low);
    const common = {
      time: candle.openTime,
      atr: oracleAtr(candles.slice(0, i + 1)),
      confirmedAt: (candles[i + width] as OracleCandle).openTime + lengthMs,
    };
    const high = { ...common, isHigh: true, price: candle.high };
    const low = { ...common, isHigh: false, price: candle.low };
    if (isHigh && isLow) found.push(...(found.at(-1)?.isHigh === true ? [low, high] : [high, low]));
    else if (isHigh) found.push(high);
    else if (isLow) found.push(low);
  }
  return found;
}

function pivotFractals(below: readonly Group[], width: number): Found[] {
  const settled = below.slice(0, -1);
  const found: Found[] = [];
  settled.forEach(({ chosen }, i) => {
    const ofKind = settled.flatMap((group, at) =>
      group.chosen.isHigh === chosen.isHigh ? [{ at, price: group.chosen.price }] : [],
    );
    const j = ofKind.findIndex(({ at }) => at === i);
    const before = ofKind.slice(Math.max(0, j - width), j);
    const after = ofKind.slice(j + 1, j + width + 1);
    if (before.length < width || after.length < width) return;
    const sign = chosen.isHigh ? 1 : -1;
    const beyond = (price: number) => sign * (chosen.price - price);
    if (!before.every(({ price }) => beyond(price) > 0) || !after.every(({ price }) => beyond(price) >= 0)) return;
    const last = (after.at(-1) as { at: number }).at;
    found.push({ ...chosen, confirmedAt: (below[last + 1] as Group).begunAt });
  });
  return found;
}

function alternate(found: readonly Found[]): Group[] {
  const groups: Group[] = [];
  for (const fractal of found) {
    const last = groups.at(-1);
    if (last === undefined || last.chosen.isHigh !== fractal.isHigh) {
      groups.push({ chosen: fractal, begunAt: fractal.confirmedAt });
    } else if (fractal.isHigh ? fractal.price > last.chosen.price : fractal.price < last.chosen.price) {
      groups[groups.length - 1] = { ...last, chosen: fractal };
    }
  }
  return groups;
}

function describe(groups: readonly Group[], level: number): OracleLevel {
  const kept = groups.map(({ chosen }) => chosen);
  const pivots = kept.map((pivot, i): Pivot => {
    const neighbours = [kept[i - 1], kept[i + 1]].flatMap((other) =>
      other === undefined ? [] : [Math.abs(pivot.price - other.price)],
    );
    const excursion = neighbours.reduce((sum, value) => sum + value, 0) / Math.max(1, neighbours.length);
    const x = excursion === 0 ? 0 : excursion / pivot.atr;
    return {
      level,
      kind: pivot.isHigh ? 'high' : 'low',
      price: pivot.price,
      time: pivot.time,
      confirmedAt: pivot.confirmedAt,
      strength: x === Number.POSITIVE_INFINITY ? 1 : x / (1 + x),
      label: labelOf(
        pivot,
        kept.slice(0, i).findLast(({ isHigh }) => isHigh === pivot.isHigh),
      ),
    };
  });
  const rises = (isHigh: boolean) => {
    const [newest, before] = kept.filter((pivot) => pivot.isHigh === isHigh).toReversed();
    return newest === undefined || before === undefined ? 0 : Math.sign(newest.price - before.price);
  };
  const trend = rises(true) > 0 && rises(false) > 0 ? 'up' : rises(true) < 0 && rises(false) < 0 ? 'down' : 'sideways';
  const steps = kept.flatMap((pivot, i) => {
    const before = kept.slice(0, i).findLast(({ isHigh }) => isHigh === pivot.isHigh);
    return before === undefined ? [] : [Math.sign(pivot.price - before.price)];
  });
  const last = steps.slice(-6);
  const wanted = trend === 'up' ? 1 : -1;
  const trendStrength = trend === 'sideways' ? 0 : last.filter((step) => step === wanted).length / last.length;
  return { pivots, trend, trendStrength };
}

function labelOf(pivot: Found, before: Found | undefined): StructureLabel | undefined {
  if (before === undefined) return undefined;
  if (pivot.isHigh) return pivot.price > before.price ? 'HH' : 'LH';
  return pivot.price < before.price ? 'LL' : 'HL';
}

/** Wilder: mean of the first 14 true ranges, then (13·ATR + TR)/14. */
function oracleAtr(candles: readonly OracleCandle[]): number {
  const ranges = candles.map(({ high, low }, i) => {
    const before = candles[i - 1];
    return before === undefined ? high - low : Math.max(high - low, Math.abs(high - before.close), Math.abs(low - before.close));
  });
  const first = ranges.slice(0, 14);
  const seed = first.reduce((sum, range) => sum + range, 0) / first.length;
  return ranges.slice(14).reduce((atr, range) => (13 * atr + range) / 14, seed);
}
