import { ManualClock } from '../../core/base/manual-clock.ts';
import type { CobView } from '../../core/contracts/market-views.ts';
import type { Order } from '../../core/contracts/orders.ts';
import { openStore } from './duckdb-store.ts';

/**
 * A process that writes until it is killed: `node test-writer.mjs PATH FROM`. It appends market data second by second from
 * second FROM on, journals an order every tenth, flushes every fiftieth, and reports each only when the store has answered.
 */
export type WriterReport =
  | { readonly kind: 'ordered'; readonly id: string; readonly second: number }
  | { readonly kind: 'flushed'; readonly second: number };

const SYMBOL = 'ETH/USDT';

function orderAt(second: number): Order {
  return {
    id: `order_${second}`,
    intent: {
      clientOrderId: `client_${second}`,
      symbol: SYMBOL,
      side: 'buy',
      type: 'limit',
      quantity: '0.10',
      limitPrice: '200.00',
      timeInForce: 'GTC',
    },
    state: 'accepted',
    history: [
      { state: 'intent', at: second },
      { state: 'accepted', at: second },
    ],
    filledQuantity: '0',
    fees: '0',
    createdAt: second,
    updatedAt: second,
  };
}

function viewAt(t: number): CobView {
  const buckets = Array.from({ length: 41 }, () => t);
  return {
    symbol: SYMBOL,
    t,
    venues: ['binance'],
    excluded: [],
    bestBid: 199,
    bestAsk: 201,
    bestBidQuantity: 1,
    bestAskQuantity: 1,
    mid: 200,
    spreadBps: 100,
    microprice: 200,
    anchor: 200,
    bucketWidth: 1,
    bidQuantity: buckets,
    askQuantity: buckets,
    bidNotional: buckets,
    askNotional: buckets,
    imbalance: 0,
    imbalanceMa: { s1: 0, s5: 0, s15: 0, s60: 0 },
  };
}

async function writeForEver(path: string, from: number): Promise<void> {
  const opened = await openStore({ path, wall: new ManualClock(), flushMs: 500, batchRows: 64 });
  if (!opened.ok) throw new Error(opened.error.message);
  const { market, orders } = opened.value;
  const report = (message: WriterReport) => process.send?.(message);
  for (let second = from; ; second++) {
    market.appendTrade('binance', SYMBOL, {
      id: second,
      price: 200,
      quantity: 1,
      side: 'sell',
      tsEvent: second * 1000,
      tsReceived: second * 1000,
    });
    const body = { open: 200, high: 200, low: 200, close: 200, volume: 1, buyVolume: 0, tradeCount: 1, filled: false };
    market.appendCandle('binance', SYMBOL, '1s', { openTime: second * 1000, ...body });
    market.appendCob(viewAt(second * 1000));
    market.appendCob(viewAt(second * 1000 + 500));
    if (second % 10 === 0) {
      const saved = await orders.saveOrder(orderAt(second));
      if (!saved.ok) throw new Error(saved.error.message);
      report({ kind: 'ordered', id: `order_${second}`, second });
    }
    if (second % 50 === 0) {
      const flushed = await market.flush();
      if (!flushed.ok) throw new Error(flushed.error.message);
      report({ kind: 'flushed', second });
    }
  }
}

await writeForEver(String(process.argv[2]), Number(process.argv[3]));
