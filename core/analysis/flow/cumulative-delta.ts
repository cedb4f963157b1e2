const DAY_MS = 86_400_000;

/** Bought less sold volume of a candle by its taker-buy part; NaN where the venue's candle did not tell that. */
export function deltaOf(candle: { readonly volume: number; readonly buyVolume: number; readonly tradeCount: number }): number {
  return candle.tradeCount === 0 && candle.volume > 0 ? Number.NaN : 2 * candle.buyVolume - candle.volume;
}

/**
 * Where the cumulative delta begins: `session` at each 00:00 UTC, as is usual for markets that never close; `first` at the first bar
 * alone.
 */
export type CvdStart = 'session' | 'first';

/**
 * Cumulative volume delta at the end of each bar, ascending open times. A bar whose delta is not known (NaN) has none, and the sum goes
 * on after it from where it stood.
 */
export function cumulativeDelta(openTimes: readonly number[], deltas: readonly number[], start: CvdStart): number[] {
  const sums: number[] = [];
  extendCumulativeDelta(sums, (i) => openTimes[i] as number, deltas, start);
  return sums;
}

/** Goes on with `cumulativeDelta` from where `sums` ends, up to the last of `deltas`. */
export function extendCumulativeDelta(
  sums: number[],
  openTimeAt: (index: number) => number,
  deltas: readonly number[],
  start: CvdStart,
): void {
  const from = sums.length;
  if (from >= deltas.length) return;
  const dayAt = (index: number): number => Math.floor(openTimeAt(index) / DAY_MS);
  let known = from - 1;
  while (known >= 0 && Number.isNaN(sums[known])) known--;
  let day = from > 0 ? dayAt(from - 1) : Number.NaN;
  let sum = known < 0 || (start === 'session' && dayAt(known) !== day) ? 0 : (sums[known] as number);
  for (let i = from; i < deltas.length; i++) {
    const ofBar = dayAt(i);
    if (start === 'session' && ofBar !== day) sum = 0;
    day = ofBar;
    const delta = deltas[i] as number;
    if (!Number.isNaN(delta)) sum += delta;
    sums.push(Number.isNaN(delta) ? Number.NaN : sum);
  }
}
