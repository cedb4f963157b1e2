import { fail, ok, type Result } from '../../../core/base/result.ts';
import type { HistorySummary, RecordedMarket, ReplayedHistory, ReplayRequest } from '../../../core/contracts/replay.ts';
import { suitableBucketWidth } from '../../../core/market/bucket-width.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { Store } from '../../ports/store.ts';
import { ImportedHistories } from '../../services/data/imported-histories.ts';
import { knownInstruments } from '../../services/data/instruments.ts';
import type { FollowRequest } from '../../services/data/watchlist-store.ts';
import type { RecordedCandles } from '../../venues/replay/replay-market.ts';
import { minutesOf, tradesOf } from './history-events.ts';
import { candlesOfMinutes, candlesOfTrades } from './history-candles.ts';
import { recordedCandlesOf } from './recorded-candles.ts';
import type { OpenRecording } from './recording-library.ts';

type HistoryStore = Pick<Store, 'market' | 'settings' | 'histories'>;

/** Histories that were imported into a market's store, newest first, as far as their rows are still there. */
export async function historiesIn(market: RecordedMarket, store: HistoryStore): Promise<Result<HistorySummary[]>> {
  const listed = await new ImportedHistories(store.settings).list();
  if (!listed.ok) return listed;
  const summaries: HistorySummary[] = [];
  for (const { venue, symbol, content, from, to } of listed.value) {
    const found = await (content === 'trades'
      ? store.histories.tradeExtent(venue, symbol, from, to)
      : store.histories.minuteExtent(symbol, from, to));
    if (!found.ok) return found;
    if (found.value === undefined) continue;
    const { first, last, count } = found.value;
    const end = content === 'trades' ? last + 1 : last + 60_000;
    // Whole seconds, as a person chooses times.
    const span = { from: Math.floor(first / 1_000) * 1_000, to: Math.ceil(end / 1_000) * 1_000 };
    summaries.push({ market, venue, symbol, content, ...span, count });
  }
  return ok(summaries.toSorted((a, b) => b.to - a.to));
}

/** What a replay plays, whichever it is made of. */
export interface OpenedReplay {
  readonly recording: OpenRecording;
  readonly candles: RecordedCandles;
  readonly requests: readonly FollowRequest[];
}

/** An imported history in the shape of a recording of one instrument, without a book. */
export async function openImported(
  store: HistoryStore,
  history: ReplayedHistory,
  { market, from, to, at = from }: ReplayRequest,
  followed: readonly FollowRequest[],
): Promise<Result<OpenedReplay>> {
  const { venue, symbol, content } = history;
  const summaries = await historiesIn(market, store);
  if (!summaries.ok) return summaries;
  const whole = summaries.value.find(
    (one) => one.venue === venue && one.symbol === symbol && one.content === content && one.from < to && one.to > from,
  );
  if (whole === undefined) {
    const what = content === 'trades' ? 'trades' : '1m candles';
    return fail('NOT_IMPORTED', `No ${what} of ${symbol} on ${venue} were imported between these times.`);
  }
  const instrument = (await knownInstruments(venue, store.settings)).find((known) => known.symbol === symbol);
  if (instrument === undefined)
    return fail(
      'UNKNOWN_INSTRUMENT',
      `The price and quantity steps of ${symbol} on ${venue} are not known in this market: follow it there once, then replay.`,
    );
  const width = await bucketWidthOf(store, instrument, whole, followed);
  if (!width.ok) return width;
  const source = { venue, symbol };
  const past = recordedCandlesOf(store.market);
  return ok({
    recording: {
      instruments: [{ instrument, bookLotSize: instrument.lotSize }],
      gaps: [],
      events: content === 'trades' ? tradesOf(store.histories, source, at, to) : minutesOf(store.market, symbol, at, to),
      close: async () => {},
    },
    candles: content === 'trades' ? candlesOfTrades(store.histories, whole, past) : candlesOfMinutes(store.market, whole, past),
    requests: [{ symbol, bucketWidth: width.value, sources: [source] }],
  });
}

/** As the market follows it, else what suits the history's first price. */
async function bucketWidthOf(
  store: HistoryStore,
  instrument: Instrument,
  { venue, symbol, content, from, to }: HistorySummary,
  followed: readonly FollowRequest[],
): Promise<Result<number>> {
  const known = followed.find((request) => request.symbol === symbol);
  if (known !== undefined) return ok(known.bucketWidth);
  const priceOf = async (): Promise<Result<number | undefined>> => {
    if (content === 'trades') {
      const read = await store.histories.lastTrade(venue, symbol, from, to);
      return read.ok ? ok(read.value?.price) : read;
    }
    const read = await store.market.candlesBefore(symbol, '1m', to, 1);
    return read.ok ? ok(read.value[0]?.close) : read;
  };
  const price = await priceOf();
  if (!price.ok) return price;
  if (price.value === undefined) return fail('NOT_IMPORTED', `The imported history of ${symbol} is empty.`);
  return ok(suitableBucketWidth(price.value, Number(instrument.tickSize)));
}
