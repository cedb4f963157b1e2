import type { Decimal } from '../base/decimal.ts';
import { abs, add, compare, div, isZero, mul, negate, sign, sub } from '../base/decimal.ts';
import type { Fill, Position } from '../contracts/orders.ts';

/**
 * A position by average cost. `cost` is what the open quantity was bought for (long, above zero) or sold for (short, below zero).
 * Invariant, exact to the last decimal: realised − cost = the sum of cash flows, fees included. So a flat position's realised PnL
 * is exactly the cash that went in and out.
 */
export interface PositionState {
  readonly symbol: string;
  /** Signed base units. */
  readonly quantity: Decimal;
  /** Signed quote. */
  readonly cost: Decimal;
  /** Quote, fees included. */
  readonly realised: Decimal;
}

/** Decimals of the cost that a partial close carries away, and of the average price shown: only the split between realised and open rounds. */
const COST_SCALE = 16;

export function flatPosition(symbol: string): PositionState {
  return { symbol, quantity: '0', cost: '0', realised: '0' };
}

/** Spot: quantity is base units, PnL is in quote. A fill beyond flat closes the old side and opens the other at the fill's price. */
export function applyFillToPosition(position: PositionState, fill: Fill): PositionState {
  const change = fill.side === 'buy' ? fill.quantity : negate(fill.quantity);
  const realised = sub(position.realised, fill.fee);
  const opens = isZero(position.quantity) || sign(position.quantity) === sign(change);
  if (opens) {
    return { ...position, quantity: add(position.quantity, change), cost: add(position.cost, mul(change, fill.price)), realised };
  }
  const held = abs(position.quantity);
  const flips = compare(fill.quantity, held) >= 0;
  // The part of `change` that closes: all of it, or as much as there is to close.
  const closing = flips ? negate(position.quantity) : change;
  const released = flips ? position.cost : div(mul(position.cost, abs(closing)), held, COST_SCALE, 'halfEven');
  // Closing brings in −closing × price and gives up the released cost.
  const profit = sub(negate(mul(closing, fill.price)), released);
  const opening = sub(change, closing);
  return {
    symbol: position.symbol,
    quantity: add(position.quantity, change),
    cost: add(sub(position.cost, released), mul(opening, fill.price)),
    realised: add(realised, profit),
  };
}

/** Quote: what closing at `mark` would add to realised PnL, before fees. */
export function unrealisedPnl(position: PositionState, mark: Decimal): Decimal {
  return sub(mul(position.quantity, mark), position.cost);
}

export function averagePriceOf(position: PositionState): Decimal {
  return isZero(position.quantity) ? '0' : div(position.cost, position.quantity, COST_SCALE, 'halfEven');
}

export function toPosition(position: PositionState): Position {
  return {
    symbol: position.symbol,
    quantity: position.quantity,
    averagePrice: averagePriceOf(position),
    realisedPnl: position.realised,
  };
}

/** Every position that the fills, oldest first, make; by symbol. */
export function positionsFromFills(fills: readonly Fill[]): Map<string, PositionState> {
  const positions = new Map<string, PositionState>();
  for (const fill of fills)
    positions.set(fill.symbol, applyFillToPosition(positions.get(fill.symbol) ?? flatPosition(fill.symbol), fill));
  return positions;
}
