/**
 * One change of a book, as columns: the first `bidCount` of the bid arrays and `askCount` of the ask arrays count.
 * Quantity 0 deletes the level. Which of the ids a venue fills in, its `sync.ts` says; the others keep their defaults.
 */
export interface DepthDelta {
  /** It holds the whole book and replaces what was there, instead of changing it. */
  snapshot: boolean;
  /** The first and last update id that it covers. */
  firstId: number;
  finalId: number;
  /** The id that must have been applied before it, for venues that name it; −1 otherwise. */
  previousId: number;
  /** The venue's checksum of the book after this change; NaN where it sends none. */
  checksum: number;
  tsEvent: number;
  bidCount: number;
  bidTicks: Float64Array;
  bidLots: Float64Array;
  askCount: number;
  askTicks: Float64Array;
  askLots: Float64Array;
}

/** A delta to parse into again and again. */
export function emptyDelta(capacity = 256): DepthDelta {
  return {
    snapshot: false,
    firstId: 0,
    finalId: 0,
    previousId: -1,
    checksum: Number.NaN,
    tsEvent: 0,
    bidCount: 0,
    bidTicks: new Float64Array(capacity),
    bidLots: new Float64Array(capacity),
    askCount: 0,
    askTicks: new Float64Array(capacity),
    askLots: new Float64Array(capacity),
  };
}

/** A copy of its own, no larger than its content. */
export function cloneDelta(delta: DepthDelta): DepthDelta {
  return {
    ...delta,
    bidTicks: delta.bidTicks.slice(0, delta.bidCount),
    bidLots: delta.bidLots.slice(0, delta.bidCount),
    askTicks: delta.askTicks.slice(0, delta.askCount),
    askLots: delta.askLots.slice(0, delta.askCount),
  };
}

/** Appends a level to the bid columns, which grow when they are full. */
export function addBid(delta: DepthDelta, ticks: number, lots: number): void {
  if (delta.bidCount === delta.bidTicks.length) {
    delta.bidTicks = grown(delta.bidTicks);
    delta.bidLots = grown(delta.bidLots);
  }
  delta.bidTicks[delta.bidCount] = ticks;
  delta.bidLots[delta.bidCount++] = lots;
}

export function addAsk(delta: DepthDelta, ticks: number, lots: number): void {
  if (delta.askCount === delta.askTicks.length) {
    delta.askTicks = grown(delta.askTicks);
    delta.askLots = grown(delta.askLots);
  }
  delta.askTicks[delta.askCount] = ticks;
  delta.askLots[delta.askCount++] = lots;
}

export function grown(column: Float64Array): Float64Array {
  const larger = new Float64Array(Math.max(64, column.length * 2));
  larger.set(column);
  return larger;
}
