import type { Clock } from '../../../core/base/clock.ts';
import { type Result, ok } from '../../../core/base/result.ts';
import type { Rng } from '../../../core/base/rng.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { Timeframe } from '../../../core/market/timeframe.ts';
import type { MarketListener, MarketSession, VenueFailure, VenueMarketData } from '../../ports/venue.ts';
import { badAnswer, unknownSymbol } from './errors.ts';
import { BinanceHttp } from './http.ts';
import { candleFromRow, isObject, toMs } from './parse.ts';
import { BinanceSession, type VenueLog } from './session.ts';
import { instrumentsFrom, venueSymbolOf } from './symbols.ts';

export interface BinanceMarketDataOptions {
  /** `https://api.binance.com`, or the practice market's `http://127.0.0.1:port`. */
  readonly restUrl: string;
  /** `wss://stream.binance.com:9443`, or `ws://127.0.0.1:port`. */
  readonly streamUrl: string;
  readonly requestTimeoutMs: number;
  readonly silenceMs: number;
  /** Market time: stamps `tsReceived`, and with it latency. The practice market's clock may run fast. */
  readonly clock: Clock;
  /** The machine's time: liveness, time-outs, back-off. */
  readonly wall: Clock;
  readonly rng: Rng;
  readonly log: VenueLog;
  /** Consolidated-book bucket width of an instrument, in quote units. */
  readonly bucketWidthOf: (instrument: Instrument) => number;
}

const MAX_KLINES = 1000;

/** Binance spot: public market data over REST and one combined WebSocket stream a session. */
export function createBinanceMarketData(options: BinanceMarketDataOptions): VenueMarketData {
  const { restUrl, requestTimeoutMs, wall } = options;
  const http = new BinanceHttp({ restUrl, timeoutMs: requestTimeoutMs, wall });

  async function serverTime(): Promise<Result<number, VenueFailure>> {
    const answer = await http.get('/api/v3/time');
    if (!answer.ok) return answer;
    const time = toMs(isObject(answer.value) ? answer.value.serverTime : undefined);
    return Number.isNaN(time) ? badAnswer('/api/v3/time', 'no serverTime') : ok(time);
  }

  async function instruments(symbols: readonly string[]): Promise<Result<Instrument[], VenueFailure>> {
    const names = symbols.map(venueSymbolOf);
    const notSpot = symbols.filter((_, i) => names[i] === undefined);
    if (notSpot.length > 0) return unknownSymbol(notSpot);
    const answer = await http.get('/api/v3/exchangeInfo', { symbols: JSON.stringify(names) });
    if (answer.ok) return instrumentsFrom(answer.value, symbols);
    if (answer.error.code !== 'VENUE_UNKNOWN_SYMBOL' || symbols.length === 1) {
      return answer.error.code === 'VENUE_UNKNOWN_SYMBOL' ? unknownSymbol(symbols) : answer;
    }
    // Binance does not say which of them it does not know.
    const unknown: string[] = [];
    for (const symbol of symbols) {
      const single = await instruments([symbol]);
      if (single.ok) continue;
      if (single.error.code !== 'VENUE_UNKNOWN_SYMBOL') return single;
      unknown.push(symbol);
    }
    return unknownSymbol(unknown.length > 0 ? unknown : symbols);
  }

  async function candles(
    instrument: Instrument,
    timeframe: Timeframe,
    from: number,
    to: number,
    limit: number,
  ): Promise<Result<Candle[], VenueFailure>> {
    if (to <= from || limit < 1) return ok([]);
    const answer = await http.get('/api/v3/klines', {
      symbol: instrument.venueSymbol,
      interval: timeframe,
      startTime: from,
      // Binance includes endTime.
      endTime: to - 1,
      limit: Math.min(limit, MAX_KLINES),
    });
    if (!answer.ok) return answer;
    if (!Array.isArray(answer.value)) return badAnswer('/api/v3/klines', 'no list');
    const parsed: Candle[] = [];
    for (const row of answer.value as readonly unknown[]) {
      const candle = candleFromRow(row);
      if (!candle.ok) return badAnswer('/api/v3/klines', candle.error.message);
      const previous = parsed[parsed.length - 1];
      if (
        candle.value.openTime < from ||
        candle.value.openTime >= to ||
        (previous !== undefined && candle.value.openTime <= previous.openTime)
      ) {
        return badAnswer('/api/v3/klines', `open time ${candle.value.openTime} out of order or range ${from}–${to}`);
      }
      parsed.push(candle.value);
    }
    return ok(parsed);
  }

  function open(list: readonly Instrument[], listener: MarketListener): MarketSession {
    return new BinanceSession(list, listener, http, { ...options, connectTimeoutMs: requestTimeoutMs });
  }

  return { venue: 'binance', serverTime, instruments, candles, open };
}
