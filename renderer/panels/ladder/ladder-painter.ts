import { COB_BUCKETS, type CobView } from '../../../core/contracts/market-views.ts';
import { formatCompact } from '../../ui/format.ts';
import { bucketDecimals, bucketOfRow, largestNotional, nextScale, priceOfRow } from './ladder-model.ts';

interface Side {
  readonly quantity: Text;
  readonly notional: Text;
  readonly bar: HTMLElement;
  shownQuantity: number;
  shownNotional: number;
  shownShare: number;
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

  /** `nowMs` is any steady clock. Answers how long until the numbers of this snapshot may be shown, 0 when they are. */
  paint(view: CobView, nowMs: number): number {
    const waitMs = Math.max(0, this.#numbersAt + NUMBERS_PERIOD_MS - nowMs);
    const numbers = waitMs === 0;
    if (numbers) this.#numbersAt = nowMs;
    this.#scale = nextScale(this.#scale, largestNotional(view));
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
      this.#paintSide(row.bid, view.bidQuantity[bucket] ?? 0, view.bidNotional[bucket] ?? 0, numbers);
      this.#paintSide(row.ask, view.askQuantity[bucket] ?? 0, view.askNotional[bucket] ?? 0, numbers);
    }
    return waitMs;
  }

  /** The row that holds the mid. */
  get anchorRow(): HTMLElement | undefined {
    return this.#rows[(COB_BUCKETS - 1) / 2]?.element;
  }

  #paintSide(side: Side, quantity: number, notional: number, numbers: boolean): void {
    if (numbers && quantity !== side.shownQuantity) {
      side.shownQuantity = quantity;
      side.quantity.data = quantity === 0 ? '' : formatCompact(quantity);
    }
    if (numbers && notional !== side.shownNotional) {
      side.shownNotional = notional;
      side.notional.data = notional === 0 ? '' : formatCompact(notional);
    }
    // To a five-hundredth: finer steps cannot be seen.
    const share = this.#scale === 0 ? 0 : Math.round((500 * notional) / this.#scale) / 500;
    if (share !== side.shownShare) {
      side.shownShare = share;
      side.bar.style.transform = `scaleX(${share})`;
    }
  }
}

function sideIn(row: HTMLElement, side: 'bid' | 'ask'): Side {
  return {
    quantity: textIn(row, `${side}-quantity`),
    notional: textIn(row, `${side}-notional`),
    bar: cellIn(row, `${side}-bar`),
    shownQuantity: Number.NaN,
    shownNotional: Number.NaN,
    shownShare: Number.NaN,
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
