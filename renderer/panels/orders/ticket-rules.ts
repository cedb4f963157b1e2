import type { OrderIntent } from '../../../core/contracts/orders.ts';
import type { InstrumentKind } from '../../../core/market/instrument.ts';
import type { TicketDraft } from '../../stores/ticket.ts';
import { decimalsOf, formatNumber } from '../../ui/format.ts';

export interface TicketRules {
  readonly symbol: string;
  readonly tickSize: string;
  readonly lotSize: string;
  readonly minNotional: string;
  readonly kind: InstrumentKind;
}

/** Why no order of this symbol can be sent whatever it says; `undefined` where one can. As the risk gate rules. */
export function whyNotTraded({ symbol, kind }: TicketRules): string | undefined {
  if (kind === 'spot') return undefined;
  return `${symbol} is ${kind === 'inverse' ? 'an inverse' : 'a linear'} contract: the paper account trades spot only.`;
}

export interface TicketProblems {
  readonly quantity?: string;
  readonly limitPrice?: string;
}

export type CheckedTicket =
  | { readonly ok: true; readonly intent: Omit<OrderIntent, 'clientOrderId'> }
  | { readonly ok: false; readonly problems: TicketProblems };

/**
 * Whether the ticket says a whole order in steps that the venue knows. Limits are not checked here:
 * the risk gate decides, and its refusal is shown.
 */
export function checkTicket(draft: TicketDraft, rules: TicketRules): CheckedTicket {
  const quantityProblem = stepProblem(draft.quantity, rules.lotSize, 'quantity');
  const priceProblem = draft.type === 'limit' ? stepProblem(draft.limitPrice, rules.tickSize, 'limit price') : undefined;
  if (quantityProblem !== undefined || priceProblem !== undefined) {
    return {
      ok: false,
      problems: {
        ...(quantityProblem === undefined ? {} : { quantity: quantityProblem }),
        ...(priceProblem === undefined ? {} : { limitPrice: priceProblem }),
      },
    };
  }
  const { side, type, timeInForce } = draft;
  const quantity = plainDecimal(draft.quantity);
  if (type === 'limit')
    return {
      ok: true,
      intent: { symbol: rules.symbol, side, type, quantity, limitPrice: plainDecimal(draft.limitPrice), timeInForce },
    };
  // A market order cannot rest in the book.
  return { ok: true, intent: { symbol: rules.symbol, side, type, quantity, timeInForce: timeInForce === 'FOK' ? 'FOK' : 'IOC' } };
}

function stepProblem(text: string, step: string, what: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return `Enter a ${what}.`;
  if (!isDecimal(trimmed)) return `The ${what} must be a number such as ${step}.`;
  if (isZero(trimmed)) return `The ${what} must be above zero.`;
  if (!isMultiple(trimmed, step)) return `The ${what} must be a multiple of ${plainDecimal(step)}.`;
  return undefined;
}

function isDecimal(text: string): boolean {
  return text.length <= 40 && /^(\d+(\.\d*)?|\.\d+)$/.test(text);
}

function isZero(text: string): boolean {
  return /^[0.]+$/.test(text);
}

/** Exact: decimal text never goes through a binary float. Both must be unsigned decimals and `step` above zero. */
export function isMultiple(text: string, step: string): boolean {
  const scale = Math.max(decimalsOf(text), decimalsOf(step));
  return scaledInteger(text, scale) % scaledInteger(step, scale) === 0n;
}

function scaledInteger(text: string, scale: number): bigint {
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(`${whole}${fraction.slice(0, scale).padEnd(scale, '0')}` || '0');
}

/** `.5`, `05.` and `1.500` as the contract writes them: `0.5`, `5`, `1.5`. */
export function plainDecimal(text: string): string {
  const [whole = '', fraction = ''] = text.trim().split('.');
  const digits = whole.replace(/^0+(?=\d)/, '') || '0';
  const rest = fraction.replace(/0+$/, '');
  return rest === '' ? digits : `${digits}.${rest}`;
}

export interface TicketEstimate {
  /** Price that the estimate uses: the limit, or the opposite side of the book. */
  readonly price: number;
  /** Quote. */
  readonly notional: number;
  /** What the risk gate or the venue would say, as far as this window can know. */
  readonly warnings: readonly string[];
}

export interface EstimateInputs {
  readonly bestBid: number | undefined;
  readonly bestAsk: number | undefined;
  readonly mid: number | undefined;
  readonly minNotional: string;
  readonly maxOrderNotional: string;
  readonly maxPosition: string;
  readonly priceCollarPct: number;
  /** Signed base units held now. */
  readonly position: number;
  readonly quote: string;
}

/** For the eye only, hence in floats. `undefined` while there is no quantity or no price. */
export function estimateTicket(draft: TicketDraft, inputs: EstimateInputs): TicketEstimate | undefined {
  const quantity = Number(draft.quantity);
  const price = draft.type === 'limit' ? Number(draft.limitPrice) : draft.side === 'buy' ? inputs.bestAsk : inputs.bestBid;
  if (price === undefined || !(price > 0) || !(quantity > 0)) return undefined;
  const notional = quantity * price;
  const warnings: string[] = [];
  const money = (amount: string): string => `${formatNumber(Number(amount), 0)} ${inputs.quote}`;
  if (notional > Number(inputs.maxOrderNotional)) warnings.push(`Above the order limit of ${money(inputs.maxOrderNotional)}.`);
  if (notional < Number(inputs.minNotional)) warnings.push(`Below the venue's minimum of ${money(inputs.minNotional)}.`);
  const after = inputs.position + (draft.side === 'buy' ? quantity : -quantity);
  if (Math.abs(after) * (inputs.mid ?? price) > Number(inputs.maxPosition) && Math.abs(after) > Math.abs(inputs.position)) {
    warnings.push(`The position would exceed ${money(inputs.maxPosition)}.`);
  }
  if (draft.type === 'limit' && inputs.mid !== undefined && Math.abs(price / inputs.mid - 1) * 100 > inputs.priceCollarPct) {
    warnings.push(`More than ${inputs.priceCollarPct} % away from the mid.`);
  }
  return { price, notional, warnings };
}
