import { COB_BUCKETS, type CobView } from '../../../core/contracts/market-views.ts';
import { formatCompact } from '../../ui/format.ts';
import { bucketDecimals, bucketOfRow, cumulate, largestNotional, nextScale, priceOfRow } from './ladder-model.ts';

interface Side {
  readonly quantity: Text;
  readonly notional: Text;
  readonly bar: HTMLElement;
  /** The depth up to this row. */
  readonly depth: HTMLElement;
  shownQuantity: number;
  shownNotional: number;
  shownShare: number;
  shownDepth: number;
}

interface Row {
  readonly element: HTMLElement;
  readonly price: Text;
  readonly bid: Side;
  readonly ask: Side;
  shownPrice: number;
}

/** Numbers change at most this often: nobody reads them faster, and setting 160 texts a frame costs more than all else here. */
const NUMBERS_PERIOD_MS = 100;

/**
 * Writes book snapshots straight into the ladder's cells, only where something changed:
 * bars and prices at every call, quantities and notionals ten times a second.
 */
export class LadderPainter {
  readonly #rows: readonly Row[];
  #scale = 0;
  #numbersAt = Number.NEGATIVE_INFINITY;
  readonly #bidDepth = new Float64Array(COB_BUCKETS);
  readonly #askDepth = new Float64Array(COB_BUCKETS);
  readonly #bidSum = new Float64Array(COB_BUCKETS);
  readonly #askSum = new Float64Array(COB_BUCKETS);

  /** `body` holds 41 `[data-row]` elements with `[data-cell]` parts as `LadderPanel` renders them. */
  constructor(body: HTMLElement) {
    this.#rows = Array.from(body.querySelectorAll<HTMLElement>('[data-row]'), (element) => ({
      element,
      price: textIn(element, 'price'),
      bid: sideIn(element, 'bid'),
      ask: sideIn(element, 'ask'),
      shownPrice: Number.NaN,
    }));
    if (this.#rows.length !== COB_BUCKETS) throw new Error(`the ladder has ${this.#rows.length} rows, expected ${COB_BUCKETS}`);
  }

  /**
   * `nowMs` is any steady clock; `sums`: the numbers are those of all rows up to each one. Answers how long until the numbers of this
   * snapshot may be shown, 0 when they are.
   */
  paint(view: CobView, nowMs: number, sums = false): number {
    const waitMs = Math.max(0, this.#numbersAt + NUMBERS_PERIOD_MS - nowMs);
    const numbers = waitMs === 0;
    if (numbers) this.#numbersAt = nowMs;
    this.#scale = nextScale(this.#scale, largestNotional(view));
    const deepest = Math.max(
      cumulate('bid', view.bidNotional, this.#bidDepth),
      cumulate('ask', view.askNotional, this.#askDepth),
    );
    if (numbers && sums) {
      cumulate('bid', view.bidQuantity, this.#bidSum);
      cumulate('ask', view.askQuantity, this.#askSum);
    }
    const bidQuantity = sums ? this.#bidSum : view.bidQuantity;
    const askQuantity = sums ? this.#askSum : view.askQuantity;
    const decimals = bucketDecimals(view.bucketWidth);
    for (let i = 0; i < this.#rows.length; i++) {
      const row = this.#rows[i] as Row;
      const bucket = bucketOfRow(i);
      const price = priceOfRow(view, i);
      if (price !== row.shownPrice) {
        row.shownPrice = price;
        row.price.data = price.toFixed(decimals);
        row.element.dataset.price = price.toFixed(decimals);
      }
      const [bidDepth, askDepth] = [this.#bidDepth[bucket] ?? 0, this.#askDepth[bucket] ?? 0];
      const [bidNotional, askNotional] = [view.bidNotional[bucket] ?? 0, view.askNotional[bucket] ?? 0];
      if (numbers) {
        showNumbers(row.bid, bidQuantity[bucket] ?? 0, sums ? bidDepth : bidNotional);
        showNumbers(row.ask, askQuantity[bucket] ?? 0, sums ? askDepth : askNotional);
      }
      this.#paintSide(row.bid, bidNotional);
      this.#paintSide(row.ask, askNotional);
      showDepth(row.bid, deepest > 0 ? bidDepth / deepest : 0);
      showDepth(row.ask, deepest > 0 ? askDepth / deepest : 0);
    }
    return waitMs;
  }

  /** The row that holds the mid. */
  get anchorRow(): HTMLElement | undefined {
    return this.#rows[(COB_BUCKETS - 1) / 2]?.element;
  }

  #paintSide(side: Side, notional: number): void {
    // To a five-hundredth: finer steps cannot be seen.
    const share = this.#scale === 0 ? 0 : Math.round((500 * notional) / this.#scale) / 500;
    if (share === side.shownShare) return;
    side.shownShare = share;
    side.bar.style.transform = `scaleX(${share})`;
  }
}

function showNumbers(side: Side, quantity: number, notional: number): void {
  if (quantity !== side.shownQuantity) {
    side.shownQuantity = quantity;
    side.quantity.data = quantity === 0 ? '' : formatCompact(quantity);
  }
  if (notional !== side.shownNotional) {
    side.shownNotional = notional;
    side.notional.data = notional === 0 ? '' : formatCompact(notional);
  }
}

function showDepth(side: Side, share: number): void {
  const shown = Math.round(200 * share) / 200;
  if (shown === side.shownDepth) return;
  side.shownDepth = shown;
  side.depth.style.transform = `scaleX(${shown})`;
}

function sideIn(row: HTMLElement, side: 'bid' | 'ask'): Side {
  return {
    quantity: textIn(row, `${side}-quantity`),
    notional: textIn(row, `${side}-notional`),
    bar: cellIn(row, `${side}-bar`),
    depth: cellIn(row, `${side}-depth`),
    shownQuantity: Number.NaN,
    shownNotional: Number.NaN,
    shownShare: Number.NaN,
    shownDepth: Number.NaN,
  };
}

function textIn(row: HTMLElement, name: string): Text {
  const text = document.createTextNode('');
  cellIn(row, name).replaceChildren(text);
  return text;
}

function cellIn(row: HTMLElement, name: string): HTMLElement {
  const cell = row.querySelector<HTMLElement>(`[data-cell="${name}"]`);
  if (cell === null) throw new Error(`the ladder row has no cell "${name}"`);
  return cell;
}
