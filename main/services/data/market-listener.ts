import type { Emitter } from '../../../core/base/emitter.ts';
import type { Instrument, SourceName } from '../../../core/market/instrument.ts';
import type { L2Book } from '../../../core/market/l2-book.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { Log } from '../../ports/log.ts';
import type { Store } from '../../ports/store.ts';
import type { MarketListener } from '../../ports/venue.ts';
import type { Followed } from './followed-symbol.ts';
import type { BookStateEvent, KlineEvent } from './market-events.ts';
import type { Destination } from './source-routing.ts';

/** Is told what sessions tell, before anybody else. */
export type MarketRecorder = Required<Pick<MarketListener, 'onTrade' | 'onDepth' | 'onBookState'>>;

/** Is told of trades and changed live books of every source, by the symbol that they are merged into. */
export interface FlowListener {
  onTrade(symbol: string, trade: Trade, source: SourceName): void;
  onBook(symbol: string, book: L2Book): void;
  onBookDoubted(book: L2Book): void;
}

/** Where the events of primaries go. */
interface Outlets {
  readonly trades: Emitter<{ symbol: string; trade: Trade }>;
  readonly books: Emitter<{ symbol: string; book: L2Book }>;
  readonly klines: Emitter<KlineEvent>;
  readonly bookStateChanges: Emitter<BookStateEvent>;
  followed(symbol: string): Followed | undefined;
}

interface Deps {
  readonly store: Pick<Store, 'market'>;
  readonly recorder?: MarketRecorder;
  readonly flow?: FlowListener;
  readonly log: Log;
}

/** What venues tell, to whom it concerns: everything is recorded and stored, a primary's also makes candles and is passed on. */
export function marketListener(
  to: Outlets,
  destinationOf: (instrument: Instrument) => Destination | undefined,
  { store, recorder, flow, log }: Deps,
): MarketListener {
  const { market } = store;
  const listener: MarketListener = {
    onTrade(instrument, trade) {
      const destination = destinationOf(instrument);
      if (destination === undefined) return;
      recorder?.onTrade(instrument, trade);
      market.appendTrade(instrument.venue, instrument.symbol, trade);
      flow?.onTrade(destination.symbol, trade, instrument);
      if (!destination.primary) return;
      to.followed(destination.symbol)?.feed.onTrade(trade);
      to.trades.emit({ symbol: destination.symbol, trade });
    },
    onBook(instrument, book) {
      const destination = destinationOf(instrument);
      if (destination === undefined) return;
      if (destination.source.state === 'live') flow?.onBook(destination.symbol, book);
      if (destination.primary) to.books.emit({ symbol: destination.symbol, book });
    },
    onBookState(instrument, state, reason) {
      const destination = destinationOf(instrument);
      if (destination === undefined) return;
      recorder?.onBookState(instrument, state, reason);
      destination.source.state = state;
      destination.source.reason = reason;
      const { book } = destination.source;
      if (state !== 'live' && book !== undefined) flow?.onBookDoubted(book);
      log.info({ venue: instrument.venue, symbol: instrument.symbol, state, reason }, 'book state');
      if (destination.primary) {
        to.bookStateChanges.emit({ symbol: destination.symbol, venue: instrument.venue, state, reason });
      }
    },
    // A venue's own candles are the reference for those that are built from its trades.
    onKline(instrument, candle, closed, timeframe) {
      const destination = destinationOf(instrument);
      if (destination?.primary !== true) return;
      to.followed(destination.symbol)?.feed.onKline(timeframe, candle, closed);
      to.klines.emit({ symbol: destination.symbol, timeframe, candle, closed });
    },
  };
  if (recorder === undefined) return listener;
  return {
    ...listener,
    onDepth(instrument, change, tsEvent, tsReceived, book) {
      if (destinationOf(instrument) !== undefined) recorder.onDepth(instrument, change, tsEvent, tsReceived, book);
    },
  };
}
