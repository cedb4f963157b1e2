/** Rows that are kept, a power of two: five minutes of seconds, and those whose cost is not told yet. */
const ROWS = 512;

const columns = () => new Float64Array(ROWS);

/**
 * What was traded and quoted in the last seconds, one row each, in columns that are rings: row `i` is at slot `i & 511`. The newest row
 * is the second in progress. Notional in quote units; `known` sums are over trades for which there was a mid, M, and D is +1 for a
 * taker that bought, −1 for one that sold.
 */
export class SecondRows {
  /** Rows there were, the one in progress among them. */
  count = 0;
  /** Start, ms, and how long it was: above a second where the process was too busy to look. */
  readonly start = columns();
  readonly spanMs = columns();
  readonly buyQuantity = columns();
  readonly sellQuantity = columns();
  readonly notional = columns();
  /** In millions: Σ D·notional; in thousands: Σ D·√notional. */
  readonly signedNotional = columns();
  readonly signedRoot = columns();
  readonly trades = columns();
  readonly largeBuy = columns();
  readonly largeSell = columns();
  /** Σ notional, Σ D·notional, Σ D·notional/M and Σ notional·D·(P − M)/M. */
  readonly known = columns();
  readonly knownSigned = columns();
  readonly knownOverMid = columns();
  readonly knownCost = columns();
  /** Σ notional·D·(M′ − M)/M with M′ the mid 5 s after the second; NaN before it is told. */
  readonly knownImpact = columns();
  readonly spreadBps = columns();
  readonly samples = columns();
  /** At its end; NaN when not known. */
  readonly mid = columns();
  /** 10⁴ · ln of mid over the mid before; NaN when not known. */
  readonly returnBps = columns();
  readonly #all = [
    this.spanMs,
    this.buyQuantity,
    this.sellQuantity,
    this.notional,
    this.signedNotional,
    this.signedRoot,
    this.trades,
    this.largeBuy,
    this.largeSell,
    this.known,
    this.knownSigned,
    this.knownOverMid,
    this.knownCost,
    this.spreadBps,
    this.samples,
  ];

  /** Slot of row `i`. */
  slot(i: number): number {
    return i & (ROWS - 1);
  }

  /** Begins a row; answers its slot. */
  begin(start: number): number {
    const slot = this.slot(this.count++);
    for (const column of this.#all) column[slot] = 0;
    this.start[slot] = start;
    this.knownImpact[slot] = Number.NaN;
    this.mid[slot] = Number.NaN;
    this.returnBps[slot] = Number.NaN;
    return slot;
  }

  /** The first row that began at `time` or later, of those that are kept. */
  firstSince(time: number): number {
    const kept = Math.max(0, this.count - ROWS);
    let row = this.count;
    while (row > kept && (this.start[this.slot(row - 1)] as number) >= time) row--;
    return row;
  }
}
