import { ok, type Result } from '../../../core/base/result.ts';
import type { Config } from '../../../core/contracts/config.ts';
import type { Candle } from '../../../core/market/candle.ts';
import { sourceOfText, sourceText, type SourceName, type VenueId } from '../../../core/market/instrument.ts';
import type { VenueMarketData } from '../../ports/venue.ts';
import { createCobService } from '../../services/cob/cob-service.ts';
import { MarketFlow } from '../../services/cob/market-flow.ts';
import type { Followed } from '../../services/data/followed-symbol.ts';
import { LargeTradeJournal } from '../../services/flow/large-trade-journal.ts';
import { LivePrices } from '../../services/data/live-price.ts';
import { MarketDataService } from '../../services/data/market-data-service.ts';
import type { MarketRecorder } from '../../services/data/market-listener.ts';
import { SymbolDirectory } from '../../services/data/symbol-directory.ts';
import { type TradeResumption, tradeResumption } from '../../services/data/trade-resumption.ts';
import { type FollowRequest, loadWatchlist } from '../../services/data/watchlist-store.ts';
import { keepInSync } from '../clock-sync.ts';
import { MARKET_DATA } from '../venues.ts';
import type { Frame } from './frame.ts';

/** The venues, the books and candles of what is followed, the consolidated books and the prices to show. */
export async function assembleMarket(frame: Frame, recorder: MarketRecorder) {
  const { config, store, market, log } = frame;
  // What an exchange's connection is timed by the wall for is timed by the recording in its replay: its speed must change nothing.
  const wall = market.replay?.clock ?? frame.wall;
  const speed = (): number => (market.replay === undefined ? market.speed() : 1);
  const bucketWidths = new Map<string, number>();
  // A source is given its width before it is followed.
  const bucketWidthOf = (source: SourceName): number => bucketWidths.get(sourceText(source)) as number;
  const resumption = await tradeResumption(store.market, market.clock);
  if (!resumption.ok) return resumption;
  const venues = market.replay?.openVenues(bucketWidthOf) ?? openVenues(frame, bucketWidthOf, resumption.value);
  const requests = market.replay?.requests ?? (await loadWatchlist(store.settings, configuredRequests(config), log));
  if (!requests.ok) return requests;

  const { synced } = market;
  if (synced !== undefined) {
    const primaries = requests.value.flatMap(({ sources }) => (sources[0] === undefined ? [] : [sources[0].venue]));
    const timekeepers = [...new Set([...primaries, ...venues.keys()])].flatMap((id) => venues.get(id) ?? []);
    const asks = timekeepers.map((venue) => () => venue.serverTime());
    frame.onClose(await keepInSync(synced, wall, asks));
  }

  const largeTrades = new LargeTradeJournal(log);
  const flow = new MarketFlow(largeTrades);
  const data = new MarketDataService({
    venues,
    requests: requests.value,
    bucketWidths,
    store,
    clock: market.clock,
    wall,
    speed,
    ...(market.replay === undefined ? {} : { tradeLagMs: market.replay.tradeLagMs }),
    silenceMs: config.connections.silenceMs,
    backfillMinutes: config.history.backfillMinutes,
    memoryCandles: config.history.memoryCandles,
    log,
    recorder,
    flow,
  });
  frame.onClose(() => data.close());
  const cob = createCobService({ market: store.market, flow, clock: market.clock, log });
  frame.onClose(() => cob.close());
  data.changes.on(({ symbol, followed }) => {
    if (followed === undefined) cob.unfollow(symbol);
    else cob.follow(followed.request, cobSources(followed));
  });
  const started = await data.start();
  if (!started.ok) return started;

  const prices = new LivePrices({
    followed: (symbol) => data.followed(symbol),
    symbols: () => data.instruments.keys(),
    lastCandle: (symbol) => lastMinute(data, symbol),
    clock: market.clock,
    wall,
    speed,
    ttlMs: config.price.ttlMs,
    asksVenues: market.replay === undefined,
    log,
  });
  frame.onClose(() => prices.close());
  data.trades.on(({ symbol, trade }) => prices.onTrade(symbol, trade));
  return ok({ data, flow, cob, largeTrades, prices, directory: new SymbolDirectory(venues, wall) });
}

function openVenues(
  { config, market, wall, rng, log }: Frame,
  bucketWidthOf: (source: SourceName) => number,
  resumeTradesAfter: TradeResumption,
) {
  const venues = new Map<VenueId, VenueMarketData>();
  for (const [venue, { lanes, ...address }] of market.addresses) {
    const create = MARKET_DATA[venue];
    const options = {
      ...address,
      ...config.connections,
      clock: market.clock,
      wall,
      rng,
      log,
      bucketWidthOf,
      resumeTradesAfter,
    };
    venues.set(venue, create(lanes === undefined ? options : { ...options, lanes }));
  }
  return venues;
}

/** What the configuration says is to be followed. */
export function configuredRequests(config: Config): readonly FollowRequest[] {
  return Object.entries(config.symbols).map(([symbol, { bucketWidth, imbalanceRange, sources }]) => ({
    symbol,
    bucketWidth,
    imbalanceRange,
    // The schema has read each of them.
    sources: (sources ?? [`binance:${symbol}`]).map((text) => sourceOfText(text) as SourceName),
  }));
}

/** The books that can be merged; a source whose venue has not told its instrument yet has none. */
function cobSources({ sources }: Followed) {
  return sources.flatMap((source) => {
    const { book } = source;
    return book === undefined ? [] : [{ venue: source.name.venue, book, status: () => source.status() }];
  });
}

function lastMinute(data: MarketDataService, symbol: string): Candle | undefined {
  return data.followed(symbol)?.feed.newestMinute;
}

export type MarketPart = Extract<Awaited<ReturnType<typeof assembleMarket>>, Result<unknown> & { ok: true }>['value'];
