import { add, type Decimal, sign, sub } from '../../base/decimal.ts';
import type { Account, Fill } from '../../contracts/orders.ts';
import { applyFillToPosition, flatPosition, type PositionState } from '../../execution/positions.ts';
import type { AccountState } from './context-row.ts';

/** States kept: at one a second, for inputs that are built a little late. */
const KEPT = 120;

interface Marked {
  readonly at: number;
  /** Undefined while an open position has no mark. */
  readonly equity: number | undefined;
  readonly drawdown: number;
  readonly positions: ReadonlyMap<string, { readonly side: number; readonly size: number; readonly unrealised: number }>;
}

/** What the account looked like, in the plain numbers that models get, at any of the last seconds. */
export class AccountHistory {
  readonly #marks: Marked[] = [];
  readonly #positions = new Map<string, PositionState>();
  /** By symbol: market time at which the open position was opened. */
  readonly #openedAt = new Map<string, number>();
  #balance: Decimal;
  /** Highest equity: of the balance after every fill, and of what it was marked at since this runs. */
  #highest: number;

  constructor(startingBalance: Decimal) {
    this.#balance = startingBalance;
    this.#highest = Number(startingBalance);
  }

  /** Every fill once, oldest first. */
  onFill(fill: Fill): void {
    const before = this.#positions.get(fill.symbol) ?? flatPosition(fill.symbol);
    const after = applyFillToPosition(before, fill);
    this.#positions.set(fill.symbol, after);
    const side = sign(after.quantity);
    if (side === 0) this.#openedAt.delete(fill.symbol);
    else if (side !== sign(before.quantity)) this.#openedAt.set(fill.symbol, fill.at);
    this.#balance = add(this.#balance, sub(after.realised, before.realised));
    this.#highest = Math.max(this.#highest, Number(this.#balance));
  }

  /** The account at a time after those before. */
  onMark(at: number, { equity: text, positions }: Account): void {
    // Shares of what is lost altogether say nothing.
    const equity = text !== undefined && Number(text) > 0 ? Number(text) : undefined;
    if (equity !== undefined) this.#highest = Math.max(this.#highest, equity);
    const open = positions.flatMap(({ symbol, quantity, mark, unrealisedPnl }) => {
      const size = Number(quantity);
      if (size === 0 || equity === undefined) return [];
      const notional = Math.abs(size) * Number(mark);
      const state = { side: Math.sign(size), size: notional / equity, unrealised: Number(unrealisedPnl) / equity };
      return [[symbol, state] as const];
    });
    const drawdown = equity === undefined ? 0 : Math.max(0, 1 - equity / this.#highest);
    this.#marks.push({ at, equity, drawdown, positions: new Map(open) });
    if (this.#marks.length > KEPT) this.#marks.shift();
  }

  /** The newest state from `t` or before; undefined when none is known or its worth was not. */
  at(symbol: string, t: number): AccountState | undefined {
    const mark = this.#marks.findLast(({ at }) => at <= t);
    if (mark?.equity === undefined) return undefined;
    const { at, drawdown, positions } = mark;
    const position = positions.get(symbol);
    if (position === undefined) return { at, side: 0, size: 0, unrealised: 0, ageMs: 0, drawdown };
    return { at, ...position, ageMs: Math.max(0, t - (this.#openedAt.get(symbol) ?? t)), drawdown };
  }
}
