import type { Decimal } from '../base/decimal.ts';
import { abs, add, compare, div, isMultipleOf, max, mul, sign, sub } from '../base/decimal.ts';
import type { Failure, Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import type { OrderIntent } from '../contracts/orders.ts';
import type { Instrument } from '../market/instrument.ts';

export interface RiskLimits {
  /** Quote. */
  readonly maxOrderNotional: Decimal;
  /** Quote: absolute position value per symbol. */
  readonly maxPosition: Decimal;
  readonly maxOpenOrders: number;
  /** Percent of mid. */
  readonly priceCollarPct: Decimal;
}

/** What the gate knows of the moment. Quantities in base units, money in quote. */
export interface RiskContext {
  /** Undefined when the desk does not follow the symbol. */
  readonly instrument: Instrument | undefined;
  /** Mid of the live book; undefined without one. */
  readonly mid: Decimal | undefined;
  readonly killSwitch: { readonly engaged: boolean; readonly reason: string };
  /** Signed. */
  readonly position: Decimal;
  /** Unfilled quantity of open buys and of open sells of this symbol, orders on their way included. */
  readonly openBuys: Decimal;
  readonly openSells: Decimal;
  /** Open orders of every symbol. */
  readonly openOrders: number;
  readonly equity: Decimal;
  /** The largest value that the positions of all other symbols can reach with their open orders, in quote. */
  readonly exposureElsewhere: Decimal;
  /** Fraction of notional. */
  readonly takerFee: Decimal;
}

export type RiskCode =
  | 'KILL_SWITCH'
  | 'UNKNOWN_SYMBOL'
  | 'UNSUPPORTED_KIND'
  | 'NO_LIVE_BOOK'
  | 'OFF_TICK'
  | 'OFF_LOT'
  | 'BELOW_MIN_NOTIONAL'
  | 'UNSUPPORTED_TIME_IN_FORCE'
  | 'PRICE_COLLAR'
  | 'MAX_ORDER_NOTIONAL'
  | 'MAX_OPEN_ORDERS'
  | 'MAX_POSITION'
  | 'INSUFFICIENT_BALANCE';

/** Why an order may not go: which limit, what it is, what the order would have made of it. */
export interface RiskRefusal extends Failure<RiskCode> {
  readonly limit: string;
  readonly limitValue: string;
  readonly actualValue: string;
}

export interface RiskPass {
  /** What the order was weighed at, in quote per base: see `referencePrice`. */
  readonly price: Decimal;
  readonly notional: Decimal;
}

/**
 * The one gate for every order, the trader's and later the models' alike. Pure: the same intent and context give the same answer.
 *
 * - **Order notional**: market orders are weighed at mid, limit buys at their limit, limit sells at the higher of limit and mid
 *   (they may trade better). Slippage can carry a market order beyond its weight.
 * - **Position**: |position + open orders of this side + this order| × mid. An order that only brings down a position is always let through,
 *   even when the market has carried that position beyond the limit.
 * - **Balance**: no leverage. The largest value that all positions can reach with their open orders, plus this order's fee, must be covered by equity.
 *   A paper spot account may sell short: a short counts like a long of the same value, within the same limits. Orders that do not add to the exposure pass.
 */
export function checkRisk(limits: RiskLimits, intent: OrderIntent, context: RiskContext): Result<RiskPass, RiskRefusal> {
  const { instrument, mid, killSwitch } = context;
  const { symbol, side, quantity, limitPrice } = intent;
  if (killSwitch.engaged) {
    return refuse(
      'KILL_SWITCH',
      'kill switch',
      'released',
      'engaged',
      `The kill switch is engaged (${killSwitch.reason}). Release it to trade.`,
    );
  }
  if (instrument === undefined) {
    return refuse(
      'UNKNOWN_SYMBOL',
      'symbols',
      'a configured symbol',
      symbol,
      `The desk does not follow ${symbol}. Add it under symbols in the configuration.`,
    );
  }
  if (instrument.kind !== 'spot') {
    return refuse(
      'UNSUPPORTED_KIND',
      'instrument kind',
      'spot',
      instrument.kind,
      `${symbol} is ${instrument.kind}; the paper account trades spot only.`,
    );
  }
  if (intent.type === 'market' && intent.timeInForce === 'POST_ONLY') {
    return refuse(
      'UNSUPPORTED_TIME_IN_FORCE',
      'time in force',
      'GTC, IOC or FOK',
      intent.timeInForce,
      'A market order cannot be post-only. Use a limit order.',
    );
  }
  if (mid === undefined) {
    return refuse(
      'NO_LIVE_BOOK',
      'book',
      'live',
      'not live',
      `There is no live book of ${symbol} to check the order against. Wait until the book is live.`,
    );
  }
  const invalid = checkIncrements(instrument, intent);
  if (invalid !== undefined) return invalid;

  const price = referencePrice(intent, mid);
  const notional = mul(price, quantity);
  const venueNotional = mul(limitPrice ?? mid, quantity);
  if (compare(venueNotional, instrument.minNotional) < 0) {
    return refuse(
      'BELOW_MIN_NOTIONAL',
      'minNotional',
      instrument.minNotional,
      venueNotional,
      `${symbol} orders must be worth at least ${instrument.minNotional}. Raise the quantity.`,
    );
  }
  if (limitPrice !== undefined) {
    const away = mul(abs(sub(limitPrice, mid)), '100');
    if (compare(away, mul(limits.priceCollarPct, mid)) > 0) {
      const actual = `${div(away, mid, 2, 'up')}`;
      return refuse(
        'PRICE_COLLAR',
        'priceCollarPct',
        limits.priceCollarPct,
        actual,
        `The price ${limitPrice} is ${actual} % from the mid ${mid}. Bring it within ${limits.priceCollarPct} %.`,
      );
    }
  }
  if (compare(notional, limits.maxOrderNotional) > 0) {
    return refuse(
      'MAX_ORDER_NOTIONAL',
      'maxOrderNotional',
      limits.maxOrderNotional,
      notional,
      `The order is worth ${notional}. Keep one order within ${limits.maxOrderNotional}.`,
    );
  }
  if (context.openOrders >= limits.maxOpenOrders) {
    const count = String(context.openOrders);
    return refuse(
      'MAX_OPEN_ORDERS',
      'maxOpenOrders',
      String(limits.maxOpenOrders),
      count,
      `${count} orders are open already. Cancel one or wait for a fill.`,
    );
  }

  const after =
    side === 'buy'
      ? add(add(context.position, context.openBuys), quantity)
      : sub(sub(context.position, context.openSells), quantity);
  const onlyReduces = sign(after) === sign(context.position) && compare(abs(after), abs(context.position)) < 0;
  const value = mul(abs(after), mid);
  if (!onlyReduces && compare(value, limits.maxPosition) > 0) {
    return refuse(
      'MAX_POSITION',
      'maxPosition',
      limits.maxPosition,
      value,
      `With open orders the ${symbol} position could reach ${value}. Lower the quantity or cancel open ${side} orders.`,
    );
  }
  const now = reach(context.position, context.openBuys, context.openSells);
  const then =
    side === 'buy'
      ? reach(context.position, add(context.openBuys, quantity), context.openSells)
      : reach(context.position, context.openBuys, add(context.openSells, quantity));
  if (compare(then, now) > 0) {
    const needed = add(add(context.exposureElsewhere, mul(then, mid)), mul(notional, context.takerFee));
    if (compare(needed, context.equity) > 0) {
      return refuse(
        'INSUFFICIENT_BALANCE',
        'equity',
        context.equity,
        needed,
        `All positions with their open orders and the fee would take ${needed}; the account has ${context.equity}. Lower the quantity.`,
      );
    }
  }
  return ok({ price, notional });
}

/** The largest absolute quantity that a position can reach when any of its open orders fill. */
export function reach(position: Decimal, openBuys: Decimal, openSells: Decimal): Decimal {
  return max(abs(position), max(abs(add(position, openBuys)), abs(sub(position, openSells))));
}

function referencePrice({ side, limitPrice }: OrderIntent, mid: Decimal): Decimal {
  if (limitPrice === undefined) return mid;
  return side === 'buy' ? limitPrice : max(limitPrice, mid);
}

function checkIncrements(
  { symbol, tickSize, lotSize }: Instrument,
  { quantity, limitPrice }: OrderIntent,
): Result<RiskPass, RiskRefusal> | undefined {
  if (limitPrice !== undefined && !isMultipleOf(limitPrice, tickSize)) {
    return refuse(
      'OFF_TICK',
      'tickSize',
      tickSize,
      limitPrice,
      `${symbol} prices move in steps of ${tickSize}; ${limitPrice} is between two. Round the price.`,
    );
  }
  if (!isMultipleOf(quantity, lotSize)) {
    return refuse(
      'OFF_LOT',
      'lotSize',
      lotSize,
      quantity,
      `${symbol} quantities move in steps of ${lotSize}; ${quantity} is between two. Round the quantity.`,
    );
  }
  return undefined;
}

function refuse(
  code: RiskCode,
  limit: string,
  limitValue: string,
  actualValue: string,
  message: string,
): { readonly ok: false; readonly error: RiskRefusal } {
  return err({ code, message, retryable: false, limit, limitValue, actualValue });
}
