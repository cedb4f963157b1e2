import type { Account, Order } from '../../core/contracts/orders.ts';
import { isOpen } from '../stores/orders.ts';

/** What the trader has in the market, as a line on the chart. */
export interface TradeLine {
  readonly id: string;
  readonly kind: 'buy' | 'sell' | 'position';
  readonly price: number;
  readonly title: string;
}

/** Open limit orders and the average price of the position in `symbol`. */
export function tradeLines(symbol: string, orders: readonly Order[], positions: Account['positions']): TradeLine[] {
  const lines: TradeLine[] = [];
  for (const { id, intent, filledQuantity, state } of orders) {
    if (intent.symbol !== symbol || intent.limitPrice === undefined || !isOpen({ state })) continue;
    const filled = Number(filledQuantity) > 0 ? `${filledQuantity} of ` : '';
    const kind = intent.side;
    lines.push({ id, kind, price: Number(intent.limitPrice), title: `${kind} ${filled}${intent.quantity}` });
  }
  const position = positions.find((held) => held.symbol === symbol);
  const quantity = Number(position?.quantity ?? 0);
  if (position !== undefined && quantity !== 0) {
    const side = quantity > 0 ? 'long' : 'short';
    const title = `${side} ${position.quantity.replace('-', '')} average`;
    lines.push({ id: 'position', kind: 'position', price: Number(position.averagePrice), title });
  }
  return lines;
}

/** What must be done to lines on screen so that they show `wanted`. Lines that stay the same are left alone. */
export function changesOf(
  shown: ReadonlyMap<string, TradeLine>,
  wanted: readonly TradeLine[],
): { readonly added: readonly TradeLine[]; readonly changed: readonly TradeLine[]; readonly gone: readonly string[] } {
  const ids = new Set(wanted.map((line) => line.id));
  return {
    added: wanted.filter((line) => !shown.has(line.id)),
    changed: wanted.filter((line) => {
      const known = shown.get(line.id);
      return known !== undefined && (known.price !== line.price || known.title !== line.title || known.kind !== line.kind);
    }),
    gone: [...shown.keys()].filter((id) => !ids.has(id)),
  };
}
