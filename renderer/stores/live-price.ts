import { create } from 'zustand';
import type { LivePrice } from '../../core/contracts/watchlist.ts';
import { venueName } from '../ui/venue-name.ts';

interface LivePrices {
  price: LivePrice | undefined;
  /** Direction of the newest change; kept while the price stands still. */
  direction: 'up' | 'down' | undefined;
  take(price: LivePrice): void;
  clear(): void;
}

/** The price of the selected symbol and where it comes from; absent until the services know one. */
export const useLivePrice = create<LivePrices>((set) => ({
  price: undefined,
  direction: undefined,
  take: (price) =>
    set(({ price: before, direction }) =>
      before === undefined || before.price === price.price
        ? { price, direction }
        : { price, direction: price.price > before.price ? 'up' : 'down' },
    ),
  clear: () => set({ price: undefined, direction: undefined }),
}));

/** `book Binance`, `trade Bybit`, `REST MEXC`, `candle`. */
export function sourceLabel({ source, venue }: Pick<LivePrice, 'source' | 'venue'>): string {
  switch (source) {
    case 'book':
    case 'trade':
      return `${source} ${venueName(venue)}`;
    case 'rest':
      return `REST ${venueName(venue)}`;
    case 'candle':
      return 'candle';
  }
}

/** What that source is, in a sentence. */
export function sourceMeaning({ source, venue }: Pick<LivePrice, 'source' | 'venue'>): string {
  switch (source) {
    case 'book':
      return `Middle of the live order book, ${venueName(venue)} first`;
    case 'trade':
      return `Newest trade on ${venueName(venue)}; no live book has a price`;
    case 'rest':
      return `Asked from ${venueName(venue)}; neither a live book nor a trade has a price`;
    case 'candle':
      return `Close of the newest candle (${venueName(venue)}); nothing newer has a price`;
  }
}
