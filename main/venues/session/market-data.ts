import { ok, type Result } from '../../../core/base/result.ts';
import type { Instrument, VenueId } from '../../../core/market/instrument.ts';
import type { VenueFailure, VenueMarketData } from '../../ports/venue.ts';
import type { VenueErrors } from './errors.ts';
import type { MarketDataOptions } from './market-data-options.ts';
import type { StreamProtocol } from './stream-protocol.ts';
import { sessionOpener } from './venue-session.ts';

/** A venue's endpoints, as far as every venue has them. */
interface VenueHttp extends Pick<VenueMarketData, 'serverTime' | 'candles'> {
  /** Until when the venue wants no more requests, in wall milliseconds from now; 0 when it takes them. */
  readonly blockedForMs: number;
}

/** A venue's market data from its parts. */
export function marketDataOf(
  venue: VenueId,
  http: VenueHttp,
  protocol: StreamProtocol,
  catalogue: Pick<VenueMarketData, 'instruments' | 'symbols'>,
  options: MarketDataOptions,
): VenueMarketData {
  return {
    venue,
    serverTime: () => http.serverTime(),
    instruments: catalogue.instruments,
    symbols: catalogue.symbols,
    candles: (instrument, timeframe, from, to, limit) => http.candles(instrument, timeframe, from, to, limit),
    open: sessionOpener(protocol, {
      ...options,
      connectTimeoutMs: options.requestTimeoutMs,
      blockedForMs: () => http.blockedForMs,
    }),
  };
}

interface InstrumentSource<Name> {
  /** The venue's name of a unified symbol; undefined when it can have none. */
  nameOf(symbol: string): Name | undefined;
  /** What the venue says of it; the value is undefined when it does not list it. */
  ask(name: Name): Promise<Result<unknown, VenueFailure>>;
  instrumentFrom(answer: unknown, symbol: string, name: Name): Instrument | undefined;
}

/** Instruments one symbol at a time; those that the venue does not trade are named together in one failure. */
export function instrumentsBySymbol<Name>(source: InstrumentSource<Name>, errors: VenueErrors): VenueMarketData['instruments'] {
  return async (symbols) => {
    const found: Instrument[] = [];
    const unknown: string[] = [];
    for (const symbol of symbols) {
      const name = source.nameOf(symbol);
      const answer = name === undefined ? ok(undefined) : await source.ask(name);
      if (!answer.ok) return answer;
      const instrument = name === undefined ? undefined : source.instrumentFrom(answer.value, symbol, name);
      if (instrument === undefined) unknown.push(symbol);
      else found.push(instrument);
    }
    return unknown.length > 0 ? errors.unknownSymbol(unknown) : ok(found);
  };
}
