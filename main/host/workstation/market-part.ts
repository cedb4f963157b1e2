import { ok, type Result } from '../../../core/base/result.ts';
import type { Config } from '../../../core/contracts/config.ts';
import { createCobService } from '../../services/cob/cob-service.ts';
import { createMarketDataService, type MarketRecorder } from '../../services/data/market-data-service.ts';
import { createBinanceMarketData } from '../../venues/binance/market-data.ts';
import { keepInSync } from '../clock-sync.ts';
import { loadInstruments } from '../instruments.ts';
import type { Frame } from './frame.ts';

/** The venue, its books and candles, and the consolidated book. */
export async function assembleMarket(frame: Frame, recorder: MarketRecorder) {
  const { config, store, market, symbols, wall, rng, log } = frame;
  const widthOf = (symbol: string): number => (config.symbols[symbol] as Config['symbols'][string]).bucketWidth;
  const venue = createBinanceMarketData({
    restUrl: market.restUrl,
    streamUrl: market.streamUrl,
    requestTimeoutMs: config.binance.requestTimeoutMs,
    silenceMs: config.binance.silenceMs,
    clock: market.clock,
    wall,
    rng,
    log,
    bucketWidthOf: (instrument) => widthOf(instrument.symbol),
  });
  frame.onClose(await keepInSync(market.clock, wall, () => venue.serverTime()));
  const instruments = await loadInstruments(venue, symbols, store.settings, log);
  if (!instruments.ok) return instruments;

  const data = createMarketDataService({
    venue,
    instruments: instruments.value,
    store,
    clock: market.clock,
    wall,
    speed: () => market.speed(),
    silenceMs: config.binance.silenceMs,
    backfillMinutes: config.history.backfillMinutes,
    memoryCandles: config.history.memoryCandles,
    log,
    recorder,
  });
  frame.onClose(() => data.close());

  const cob = createCobService({
    symbols: instruments.value.map((instrument) => ({
      symbol: instrument.symbol,
      bucketWidth: widthOf(instrument.symbol),
      sources: [
        {
          venue: instrument.venue,
          book: data.session.book(instrument),
          status: () => data.bookStatus(instrument.symbol),
        },
      ],
    })),
    market: store.market,
    clock: market.clock,
    log,
  });
  frame.onClose(() => cob.close());
  return ok({ instruments: instruments.value, widthOf, data, cob });
}

export type MarketPart = Extract<Awaited<ReturnType<typeof assembleMarket>>, Result<unknown> & { ok: true }>['value'];
