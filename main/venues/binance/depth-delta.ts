/**
 * One diff of a book, as columns: the first `bidCount` of the bid arrays and `askCount` of the ask arrays count.
 * Quantity 0 deletes the level.
 */
export interface DepthDelta {
  /** U and u: the first and last update id that it covers. */
  firstId: number;
  finalId: number;
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
    firstId: 0,
    finalId: 0,
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

export function grown(column: Float64Array): Float64Array {
  const larger = new Float64Array(Math.max(64, column.length * 2));
  larger.set(column);
  return larger;
}
