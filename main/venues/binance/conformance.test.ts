import { runVenueConformance } from '../conformance/run-venue-conformance.ts';
import { EXCHANGE_INFO, KLINE_MESSAGE, KLINE_ROW, SUBSCRIPTIONS, TRADE_MESSAGE } from './fixtures/messages.ts';
import { BinanceHttp } from './http.ts';
import { createBinanceMarketData } from './market-data.ts';
import { instrumentsFrom } from './symbols.ts';
import { binanceProtocol } from './ws.ts';

const known = instrumentsFrom(EXCHANGE_INFO, ['ETH/USDT', 'BTC/USDT']);
if (!known.ok) throw new Error(known.error.message);
const [eth, btc] = known.value;
if (eth === undefined || btc === undefined) throw new Error('the fixtures lack an instrument');

const json = (levels: readonly (readonly [string, string])[]): string => JSON.stringify(levels);
/** Update ids: three to an update, so that ranges are exercised. */
const firstId = (ordinal: number): number => ordinal * 3 - 2;
const finalId = (ordinal: number): number => ordinal * 3;
const candle = { open: 2302, high: 2303.1, low: 2301.9, close: 2302.37, volume: 10.5, buyVolume: 4.25, filled: false };

runVenueConformance({
  name: 'Binance',
  create: createBinanceMarketData,
  protocol: (http) => binanceProtocol(() => ({ streamUrl: 'ws://stream.example', http: new BinanceHttp(http) })),
  instrument: eth,
  book: {
    delta: (ordinal, time, { bids, asks }) =>
      `{"stream":"ethusdt@depth@100ms","data":{"e":"depthUpdate","E":${time},"s":"ETHUSDT","U":${firstId(ordinal)},"u":${finalId(ordinal)},"b":${json(bids)},"a":${json(asks)}}}`,
    restSnapshot: (ordinal, { bids, asks }) => ({ lastUpdateId: finalId(ordinal), bids, asks }),
  },
  trades: [
    {
      frame: TRADE_MESSAGE,
      expected: [{ id: 12345, price: 2302.37, quantity: 0.02, side: 'sell', tsEvent: 1723161255342 }],
    },
    {
      // The same stream with timestamps in microseconds.
      frame: TRADE_MESSAGE.replace('12345', '12346')
        .replace('"T":1723161255342', '"T":1723161255342987')
        .replace('"m":true', '"m":false'),
      expected: [{ id: 12346, price: 2302.37, quantity: 0.02, side: 'buy', tsEvent: 1723161255342 }],
    },
  ],
  klines: [
    { frame: KLINE_MESSAGE, candle: { ...candle, openTime: 1723161255000, tradeCount: 3 }, closed: true, timeframe: '1s' },
  ],
  silent: [SUBSCRIPTIONS],
  rest: {
    snapshotPath: '/api/v3/depth',
    serverTime: 1723161255000,
    instruments: [eth, btc],
    unknownSymbol: 'XXX/USDT',
    answer(url) {
      if (url.pathname === '/api/v3/time') return { serverTime: 1723161255000 };
      if (url.pathname === '/api/v3/klines') return [KLINE_ROW, [1723161300000, ...KLINE_ROW.slice(1)]];
      if (url.pathname === '/api/v3/trades') return [];
      return url.pathname === '/api/v3/exchangeInfo' ? EXCHANGE_INFO : undefined;
    },
    candles: {
      instrument: eth,
      timeframe: '1m',
      from: 1723161240000,
      to: 1723161360000,
      expected: [
        { ...candle, openTime: 1723161240000, tradeCount: 30 },
        { ...candle, openTime: 1723161300000, tradeCount: 30 },
      ],
    },
  },
  // Replayed in recorded.test.ts.
  recordings: [],
});
