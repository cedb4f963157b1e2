import { ok, type Result } from '../../../core/base/result.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { VenueFailure, VenueMarketData } from '../../ports/venue.ts';
import { listedSymbols } from '../session/listings.ts';
import { marketDataOf } from '../session/market-data.ts';
import type { MarketDataOptions } from '../session/market-data-options.ts';
import { ERRORS } from './errors.ts';
import { BitfinexHttp } from './http.ts';
import { bitfinexNameOf, instrumentFrom, symbolOfPair } from './symbols.ts';
import { bitfinexProtocol } from './ws.ts';

/** Bitfinex spot over REST (`https://api-pub.bitfinex.com`) and one WebSocket address (`wss://api-pub.bitfinex.com/ws/2`). */
export function createBitfinexMarketData(options: MarketDataOptions): VenueMarketData {
  const http = new BitfinexHttp({ restUrl: options.restUrl, timeoutMs: options.requestTimeoutMs, wall: options.wall });

  async function instruments(symbols: readonly string[]): Promise<Result<Instrument[], VenueFailure>> {
    const pairs = await http.pairs();
    if (!pairs.ok) return pairs;
    const found: Instrument[] = [];
    const unknown: string[] = [];
    for (const symbol of symbols) {
      const name = bitfinexNameOf(symbol);
      const instrument = name === undefined ? undefined : instrumentFrom(pairs.value, symbol, name);
      if (instrument === undefined) unknown.push(symbol);
      else found.push(instrument);
    }
    return unknown.length > 0 ? ERRORS.unknownSymbol(unknown) : ok(found);
  }

  async function pairs(): ReturnType<Parameters<typeof listedSymbols>[0][number]> {
    const answer = await http.pairs();
    return answer.ok ? ok([...answer.value].map((pair) => ({ pair }))) : answer;
  }
  const symbols = listedSymbols([pairs], {
    candidateOf: ({ pair }) => (typeof pair === 'string' ? symbolOfPair(pair) : undefined),
    nameOf: bitfinexNameOf,
    instrumentFrom: ({ pair }, symbol, name) => instrumentFrom(new Set([pair]), symbol, name),
  });

  return marketDataOf(
    'bitfinex',
    http,
    bitfinexProtocol(options.streamUrl, http, options.rotateAfterMs),
    { instruments, symbols },
    options,
  );
}
