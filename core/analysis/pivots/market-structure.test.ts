import { describe, expect, it } from 'vitest';
import { SplitMix32 } from '../../base/rng.ts';
import { MarketStructure, pivotName } from './market-structure.ts';

const MINUTE = 60_000;

/** Candles [high, low] a minute apart that close in their middle. */
function feed(structure: MarketStructure, candles: readonly (readonly [number, number])[], from = 0): void {
  candles.forEach(([high, low], i) => structure.push((from + i) * MINUTE, high, low, (high + low) / 2));
}

/** As `L1H@2=15!5`: pivot minute, price and the minute at whose beginning it was known. */
function toldOf(options: { fractalWidth?: number } = {}) {
  const told: string[] = [];
  const structure = new MarketStructure({
    lengthMs: MINUTE,
    ...options,
    onChange(level, index, change, at) {
      const name = pivotName(level.level, level.isHigh(index));
      told.push(`${change === 'retracted' ? '-' : ''}${name}@${level.time(index) / MINUTE}=${level.price(index)}!${at / MINUTE}`);
    },
  });
  return { structure, told };
}

/** Only highs move, and lows that fall steadily make no low. */
const highs = (values: readonly number[]) => values.map((high, i) => [high, 0 - i] as const);

describe('a fractal of level 1', () => {
  it('is confirmed by the close of the second candle after it, not before', () => {
    const { structure, told } = toldOf();
    feed(structure, highs([10, 12, 15, 14, 13]).slice(0, 4));
    expect(told).toEqual([]);
    feed(structure, highs([10, 12, 15, 14, 13]).slice(4), 4);
    expect(told).toEqual(['L1H@2=15!5']);
  });

  it('is strictly above the two before and may be equal to the two after', () => {
    const equalAfter = toldOf();
    feed(equalAfter.structure, highs([10, 12, 15, 15, 15]));
    expect(equalAfter.told).toEqual(['L1H@2=15!5']);
    const equalBefore = toldOf();
    feed(equalBefore.structure, highs([15, 12, 15, 14, 13]));
    expect(equalBefore.told).toEqual([]);
  });

  it('needs as many candles on either side as it is wide', () => {
    const { structure, told } = toldOf({ fractalWidth: 3 });
    feed(structure, highs([9, 10, 12, 15, 14, 13, 11]));
    expect(told).toEqual(['L1H@3=15!7']);
  });

  it('is not made by candles in which nothing trades', () => {
    const { structure, told } = toldOf();
    feed(
      structure,
      Array.from({ length: 50 }, () => [100, 100] as const),
    );
    expect(told).toEqual([]);
  });

  it('counts the candles beside it whatever time lies between', () => {
    const { structure, told } = toldOf();
    [10, 12, 15, 14, 13].forEach((high, i) => structure.push((i < 3 ? i : i + 100) * MINUTE, high, -i, high));
    expect(told).toEqual(['L1H@2=15!105']);
  });
});

describe('highs and lows in turn', () => {
  it('keep the higher of two highs and say so; an equal one changes nothing', () => {
    const { structure, told } = toldOf();
    feed(structure, highs([10, 12, 15, 14, 13, 16, 14, 13, 16, 13, 12, 14, 13, 12]));
    expect(told).toEqual(['L1H@2=15!5', '-L1H@2=15!8', 'L1H@5=16!8']);
  });

  it('count a candle that is both as the kind that is due first', () => {
    const { structure, told } = toldOf();
    const outside = [20, 5] as const;
    feed(structure, [[12, 9], [13, 9.5], [15, 10], [13, 9.5], [12, 9], outside, [14, 8], [13, 9]]);
    expect(told).toEqual(['L1H@2=15!5', 'L1L@5=5!8', 'L1H@5=20!8']);
  });
});

describe('labels, strength and trend', () => {
  /** Zigzag through the given turning points, five candles a leg of which each is 1 high. */
  function zigzag(turns: readonly number[]): MarketStructure {
    const structure = new MarketStructure({ lengthMs: MINUTE });
    let minute = 0;
    turns.forEach((turn, i) => {
      const from = turns[i - 1] ?? turn;
      for (let k = 1; k <= 5; k++) {
        const price = from + ((turn - from) * k) / 5;
        structure.push(minute++ * MINUTE, price + 0.5, price - 0.5, price);
      }
    });
    return structure;
  }

  it('tell higher highs and higher lows in an upward market', () => {
    const { levels } = zigzag([100, 120, 110, 130, 120, 140, 130, 150, 140]);
    const first = levels[0];
    const pivots = Array.from({ length: first?.count ?? 0 }, (_, i) => first?.pivot(i));
    expect(pivots.map((pivot) => `${pivot?.kind} ${pivot?.price} ${pivot?.label ?? '–'}`)).toEqual([
      'high 120.5 –',
      'low 109.5 –',
      'high 130.5 HH',
      'low 119.5 HL',
      'high 140.5 HH',
      'low 129.5 HL',
      'high 150.5 HH',
    ]);
    expect(first?.trend).toBe('up');
    expect(first?.trendStrength).toBe(1);
  });

  it('tell equal highs and lows as not broken, and no trend', () => {
    const { levels } = zigzag([100, 120, 110, 120, 110, 120, 110]);
    const first = levels[0];
    expect([2, 3].map((i) => first?.label(i))).toEqual(['LH', 'HL']);
    expect(first?.trend).toBe('sideways');
    expect(first?.trendStrength).toBe(0);
  });

  it('counts the share of the last six steps that agree', () => {
    // Highs 120 118 130 140, lows 110 105 115 125: of the last six steps two fell.
    const first = zigzag([100, 120, 110, 118, 105, 130, 115, 140, 125, 135]).levels[0];
    expect(first?.trend).toBe('up');
    expect(first?.trendStrength).toBeCloseTo(4 / 6, 12);
  });

  it('measures strength by the way to the opposite pivots in average true ranges', () => {
    const first = zigzag([100, 120, 110, 130, 120]).levels[0];
    const atr = first?.atr(1) ?? 0;
    const x = (11 + 21) / 2 / atr;
    expect(first?.strength(1)).toBeCloseTo(x / (1 + x), 12);
    expect(first?.strength(0)).toBeCloseTo(11 / (first?.atr(0) ?? 0) / (1 + 11 / (first?.atr(0) ?? 0)), 12);
  });
});

it('keeps the newest pivots when there are more than it holds', () => {
  const rng = new SplitMix32(7);
  const [small, large] = [1_024, 65_536].map(
    (capacity) => new MarketStructure({ lengthMs: MINUTE, fractalWidth: 1, capacity }),
  ) as [MarketStructure, MarketStructure];
  for (let i = 0; i < 20_000; i++) {
    const price = 1_000 + 10 * rng.next();
    const [above, below] = [rng.next(), rng.next()];
    for (const structure of [small, large]) structure.push(i * MINUTE, price + above, price - below, price);
  }
  small.levels.forEach((level, position) => {
    const whole = large.levels[position] as typeof level;
    expect(level.count).toBe(whole.count);
    expect(level.count - level.first).toBe(Math.min(level.count, 1_024 / 2 ** position));
    for (let i = level.first; i < level.count; i++) expect(level.pivot(i)).toEqual(whole.pivot(i));
    expect(level.indexFrom(level.time(level.count - 3))).toBe(level.count - 3);
  });
  expect(small.levels[0]?.first).toBeGreaterThan(0);
  expect(small.levels[4]?.count).toBeGreaterThan(2);
});

it('refuses a candle that is not newer', () => {
  const structure = new MarketStructure({ lengthMs: MINUTE });
  structure.push(MINUTE, 2, 1, 1);
  expect(() => structure.push(MINUTE, 2, 1, 1)).toThrow(/after the one of/);
});
