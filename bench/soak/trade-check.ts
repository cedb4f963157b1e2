/** A trade as both sides tell it: what happened, whatever its id is. */
export interface ComparedTrade {
  /** Market time, ms. */
  readonly time: number;
  readonly price: number;
  /** As the desk keeps it: base units. */
  readonly quantity: number;
}

export interface TradeCheck {
  readonly stored: number;
  /** Trades that the market had between the first and the last stored one. */
  readonly had: number;
  /** Times of trades that the market had and the store has not. */
  readonly missing: readonly number[];
  /** Trades that the store has and the market had not. */
  readonly extra: number;
}

/**
 * Compares the stored trades with all that the market had between the first and the last of them, those two milliseconds left out:
 * the desk may have come and gone in their middle. Both in order of time.
 */
export function compareTrades(stored: readonly ComparedTrade[], had: Iterable<ComparedTrade>): TradeCheck {
  const first = stored[0]?.time ?? 0;
  const last = stored.at(-1)?.time ?? 0;
  const left = new Map<string, number>();
  for (const trade of stored) {
    if (trade.time <= first || trade.time >= last) continue;
    const key = keyOf(trade);
    left.set(key, (left.get(key) ?? 0) + 1);
  }
  const missing: number[] = [];
  let count = 0;
  for (const trade of had) {
    if (trade.time <= first || trade.time >= last) continue;
    count++;
    const key = keyOf(trade);
    const times = left.get(key) ?? 0;
    if (times === 0) missing.push(trade.time);
    else left.set(key, times - 1);
  }
  return { stored: stored.length, had: count, missing, extra: [...left.values()].reduce((sum, times) => sum + times, 0) };
}

/** Steps between the ids of neighbours that are not 1: what is missing where ids are contiguous. */
export function missingIds(ids: readonly number[]): number {
  const sorted = [...new Set(ids)].sort((a, b) => a - b);
  return sorted.length === 0 ? 0 : (sorted.at(-1) as number) - (sorted[0] as number) + 1 - sorted.length;
}

/** A hole that the desk told of: from a market time to another, or to the next stored trade where it did not know to where. */
export interface ToldHole {
  readonly from: number;
  readonly to?: number;
}

/** How many of the missing trades lie in a hole that the desk told of. */
export function toldOf(missing: readonly number[], holes: readonly ToldHole[], storedTimes: readonly number[]): number {
  const spans = holes.map(({ from, to }) => ({
    from,
    to: to ?? storedTimes.find((time) => time > from) ?? Number.POSITIVE_INFINITY,
  }));
  return missing.filter((time) => spans.some(({ from, to }) => time >= from && time <= to)).length;
}

const HOLE = /trades (?:after|from) (\S+)(?: to (\S+))? may be missing/;

/** The hole that a text of the desk tells of, if it tells of one. */
export function holeOf(text: string): ToldHole | undefined {
  const [, from, to] = HOLE.exec(text) ?? [];
  if (from === undefined) return undefined;
  return to === undefined ? { from: Date.parse(from) } : { from: Date.parse(from), to: Date.parse(to) };
}

/** Doubles of both sides come by different roads. */
function keyOf({ time, price, quantity }: ComparedTrade): string {
  return `${time} ${price.toFixed(4)} ${quantity.toPrecision(9)}`;
}
