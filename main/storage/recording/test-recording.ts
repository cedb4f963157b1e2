import { BookColumns } from '../../../core/market/book-columns.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import { L2Book } from '../../../core/market/l2-book.ts';
import { nextInt, type Rng } from '../../../core/base/rng.ts';
import { BatchEncoder, tradeGridOf } from '../../../core/recording/event-codec.ts';
import type { EncodedBatch } from '../../../core/recording/encoded-batch.ts';

export const INSTRUMENT: Instrument = {
  venue: 'binance',
  symbol: 'ETH/USDT',
  venueSymbol: 'ETHUSDT',
  kind: 'spot',
  base: 'ETH',
  quote: 'USDT',
  tickSize: '0.01',
  lotSize: '0.0001',
  minNotional: '5',
  contractMultiplier: '1',
};

/** Batches of a lively market: trades with the ids from `firstId` on, a second of market time each, and book changes between. */
export function batchesOf(rng: Rng, firstId: number, count: number, trades: number, startAt: number): EncodedBatch[] {
  const encoder = new BatchEncoder();
  const grid = tradeGridOf(INSTRUMENT);
  const book = new L2Book({ tickSize: 0.01, lotSize: 0.0001, bucketWidth: 1 });
  for (let i = 0; i < 200; i++) {
    book.setLevel('bid', 20_000 - i, 1 + nextInt(rng, 1_000_000));
    book.setLevel('ask', 20_001 + i, 1 + nextInt(rng, 1_000_000));
  }
  const columns = new BookColumns();
  let id = firstId;
  return Array.from({ length: count }, (_, batch) => {
    for (let i = 0; i < trades; i++, id++) {
      const at = startAt + id * 1000;
      for (let change = 0; change < 20; change++) book.setLevel('bid', 20_000 - nextInt(rng, 200), 1 + nextInt(rng, 1_000_000));
      columns.copyOf(book);
      encoder.depth(0, i === 0, false, columns, at, at);
      const trade = {
        id,
        price: 200 + nextInt(rng, 100) / 100,
        quantity: 0.5,
        side: 'buy',
        tsEvent: at,
        tsReceived: at,
      } as const;
      encoder.trade(0, grid, trade, at);
    }
    return encoder.take(batch === 0 ? [{ index: 0, instrument: INSTRUMENT, bookLotSize: '0.0001' }] : []);
  });
}
