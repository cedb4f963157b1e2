export interface Line {
  readonly label: string;
  /** CSS custom property that holds its colour. */
  readonly colour: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Scale {
  readonly min: number;
  readonly max: number;
  readonly ticks: readonly number[];
}

/**
 * A scale over the values with about `count` round ticks (1, 2 or 5 times a power of ten).
 * Ends are widened to ticks. `undefined` when there is no finite value.
 */
export function niceScale(values: Iterable<number>, count: number): Scale | undefined {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return undefined;
  const size = Math.max(Math.abs(low), Math.abs(high));
  // Values that differ by rounding only are one value; ticks between them could not be told apart.
  if (high - low <= Math.max(1e-9 * size, 1e-12)) {
    const margin = size < 1e-9 ? 0.5 : 0.1 * size;
    low -= margin;
    high += margin;
  }
  const raw = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = raw / power;
  const step = power * (factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10);
  const first = Math.floor(low / step);
  const last = Math.ceil(high / step);
  const ticks: number[] = [];
  for (let i = first; i <= last; i++) ticks.push(i * step);
  return { min: first * step, max: last * step, ticks };
}

/** Digits after the point that tell the ticks of a scale apart. */
export function tickDecimals(scale: Scale): number {
  const step = (scale.ticks[1] ?? 1) - (scale.ticks[0] ?? 0);
  return Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
}

/** At most about `limit` points that keep first and last and, in each stretch between, the lowest and highest. */
export function thin(points: Line['points'], limit: number): Line['points'] {
  if (points.length <= limit || limit < 4) return points;
  const stretches = Math.floor((limit - 2) / 2);
  const kept: (readonly [number, number])[] = [points[0] as readonly [number, number]];
  const inner = points.length - 2;
  for (let s = 0; s < stretches; s++) {
    const from = 1 + Math.floor((s * inner) / stretches);
    const to = 1 + Math.floor(((s + 1) * inner) / stretches);
    let lowest = from;
    let highest = from;
    for (let i = from; i < to; i++) {
      if ((points[i]?.[1] ?? 0) < (points[lowest]?.[1] ?? 0)) lowest = i;
      if ((points[i]?.[1] ?? 0) > (points[highest]?.[1] ?? 0)) highest = i;
    }
    kept.push(points[Math.min(lowest, highest)] as readonly [number, number]);
    if (lowest !== highest) kept.push(points[Math.max(lowest, highest)] as readonly [number, number]);
  }
  kept.push(points[points.length - 1] as readonly [number, number]);
  return kept;
}
