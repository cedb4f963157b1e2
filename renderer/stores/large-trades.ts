import { LARGE_TRADES_KEPT, type LargeTrade, type LargeTradesEvent } from '../../core/contracts/large-trades.ts';
import type { DeskClient } from '../ipc/desk-client.ts';

/** The newest large trades of a symbol, as far as the desk keeps them. */
export class LargeTradeList {
  /** In the order in which they came, the newest last. Changes in place. */
  readonly trades: LargeTrade[] = [];
  /** Smallest notional that was large at the newest of them; undefined before there was one. */
  threshold: number | undefined;

  take(event: LargeTradesEvent): void {
    if (event.kind === 'snapshot') this.trades.splice(0, this.trades.length, ...event.trades);
    else this.trades.push(event.trade);
    this.threshold = event.threshold;
    // Cut now and then: cutting moves them all.
    if (this.trades.length > 1.2 * LARGE_TRADES_KEPT) this.trades.splice(0, this.trades.length - LARGE_TRADES_KEPT);
  }
}

interface Shared {
  readonly client: DeskClient;
  readonly symbol: string;
  readonly list: LargeTradeList;
  readonly listeners: Set<() => void>;
  end: () => void;
}

/** Whoever shows the large trades of a symbol reads the same ones. */
const shared = new Set<Shared>();

/** The large trades of a symbol for as long as somebody follows them. `end` when done. */
export function followLargeTrades(
  client: DeskClient,
  symbol: string,
  listener: () => void,
): { readonly list: LargeTradeList; readonly end: () => void } {
  const followed =
    [...shared].find((candidate) => candidate.client === client && candidate.symbol === symbol) ?? open(client, symbol);
  followed.listeners.add(listener);
  return {
    list: followed.list,
    end: () => {
      if (!followed.listeners.delete(listener) || followed.listeners.size > 0) return;
      followed.end();
      shared.delete(followed);
    },
  };
}

function open(client: DeskClient, symbol: string): Shared {
  const followed: Shared = { client, symbol, list: new LargeTradeList(), listeners: new Set(), end: () => {} };
  shared.add(followed);
  // A reader that fell behind is sent a snapshot: nothing has to be asked for again.
  followed.end = client.subscribe('largeTrades', { symbol }, (event) => {
    followed.list.take(event);
    for (const listener of followed.listeners) listener();
  });
  return followed;
}
