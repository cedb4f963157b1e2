import type { Clock } from '../../../core/base/clock.ts';
import { ok, type Result } from '../../../core/base/result.ts';
import type { QualitySpan, QualityState, QualityTimeline } from '../../../core/contracts/data-quality.ts';
import type { VenueId } from '../../../core/market/instrument.ts';
import { inside, layered, type Span } from '../../../core/market/spans.ts';
import { TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { Log } from '../../ports/log.ts';
import type { QualityRepository, RecordedSpan, Store } from '../../ports/store.ts';
import type { BookStateEvent } from './market-events.ts';

const REASONS: Readonly<Record<QualityState, string>> = {
  complete: '',
  hole: 'candles are missing',
  venueOutage: 'no venue has candles of it',
  repaired: 'missing candles were fetched',
  staleBook: 'the book could not be believed',
};

/** When the books of the primary venues could not be believed after they had been live. */
export class BookSpans {
  readonly #quality: QualityRepository;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #open = new Map<string, { readonly from: number; readonly venue: VenueId; readonly reason: string }>();
  /** First and newest moment at which the book was followed. */
  readonly #followed = new Map<string, number>();

  constructor(quality: QualityRepository, clock: Clock, log: Log) {
    this.#quality = quality;
    this.#clock = clock;
    this.#log = log;
  }

  onState({ symbol, venue, state, reason }: BookStateEvent): void {
    const now = this.#clock.now();
    if (state === 'live') {
      if (!this.#followed.has(symbol)) this.#followed.set(symbol, now);
      const open = this.#open.get(symbol);
      this.#open.delete(symbol);
      if (open !== undefined) void this.#save({ symbol, ...open, to: now });
    } else if (this.#followed.has(symbol) && !this.#open.has(symbol)) {
      this.#open.set(symbol, { from: now, venue, reason });
    }
  }

  /** Nobody follows it any more: from now on nothing is known of its book. */
  forget(symbol: string): void {
    const open = this.#open.get(symbol);
    this.#open.delete(symbol);
    this.#followed.delete(symbol);
    if (open !== undefined) void this.#save({ symbol, ...open, to: this.#clock.now() });
  }

  followedSince(symbol: string): number | undefined {
    return this.#followed.get(symbol);
  }

  /** The span that still lasts. */
  running(symbol: string): QualitySpan | undefined {
    const open = this.#open.get(symbol);
    return open && { state: 'staleBook', ...open, to: this.#clock.now() };
  }

  async close(): Promise<void> {
    const now = this.#clock.now();
    for (const [symbol, open] of this.#open) await this.#save({ symbol, ...open, to: now });
    this.#open.clear();
  }

  async #save(span: Omit<RecordedSpan, 'timeframe' | 'state' | 'candles'>): Promise<void> {
    if (span.to <= span.from) return;
    const saved = await this.#quality.saveSpan({ ...span, timeframe: undefined, state: 'staleBook', candles: 0 });
    if (!saved.ok) this.#log.warn({ symbol: span.symbol, reason: saved.error.message }, 'a stale book could not be recorded');
  }
}

interface TimelineDeps {
  readonly store: Pick<Store, 'market' | 'quality'>;
  readonly books: BookSpans;
  readonly unavailable: (span: Span) => readonly Span[];
  readonly clock: Clock;
}

/** The state of one symbol's minutes and of its book over [from, to); where nothing is stored there is no span. */
export async function readTimeline(
  { store, books, unavailable, clock }: TimelineDeps,
  symbol: string,
  from: number,
  to: number,
): Promise<Result<QualityTimeline>> {
  const recorded = await store.quality.spans(symbol, from, to);
  if (!recorded.ok) return recorded;
  const bounds = await store.market.candleBounds(symbol, '1m');
  if (!bounds.ok) return bounds;
  const candles: QualitySpan[] = [];
  if (bounds.value !== undefined) {
    const start = Math.max(from, bounds.value.first);
    const end = Math.min(to, bounds.value.last + TIMEFRAME_MS['1m']);
    // From the first candle on, so that a hole which begins before `from` is seen.
    const holes = await store.market.candleHoles(symbol, '1m', bounds.value.first, end);
    if (!holes.ok) return holes;
    const ofMinutes = recorded.value.filter((span) => span.timeframe === '1m');
    const outages = ofMinutes.filter((span) => span.state === 'venueOutage');
    if (start < end) {
      const layers = [
        { state: 'repaired' as QualityState, spans: ofMinutes.filter((span) => span.state === 'repaired') },
        { state: 'hole' as QualityState, spans: holes.value },
        // What was had by nobody once may have come since: only where there is still a hole.
        {
          state: 'venueOutage' as QualityState,
          spans: holes.value.flatMap((hole) => [...inside(outages, hole), ...unavailable(hole)]),
        },
      ];
      for (const span of layered<QualityState>(start, end, 'complete', layers)) {
        const venue = ofMinutes.find((each) => each.state === span.state && each.from < span.to && each.to > span.from)?.venue;
        candles.push({ ...span, ...(venue === undefined ? {} : { venue }), reason: REASONS[span.state] });
      }
    }
  }
  const stale = recorded.value.filter((span) => span.timeframe === undefined);
  const running = books.running(symbol);
  const spans: QualitySpan[] = [
    ...stale.map(({ from: start, to: end, venue, reason }) => ({
      state: 'staleBook' as const,
      from: start,
      to: end,
      venue,
      reason,
    })),
    ...(running === undefined ? [] : [running]),
  ];
  // A book is known to have been whole only while this program has followed it; of earlier ones the troubles are told.
  const since = books.followedSince(symbol) ?? Number.POSITIVE_INFINITY;
  const [first, last] = [Math.max(from, Math.min(since, to)), Math.min(to, clock.now())];
  const earlier = spans.flatMap((span) => inside([{ from, to: first }], span).map((part) => ({ ...part, state: span.state })));
  const book = first < last ? layered<QualityState>(first, last, 'complete', [{ state: 'staleBook', spans }]) : [];
  return ok({
    symbol,
    from,
    to,
    candles,
    book: [...earlier, ...book].map((span) => {
      const known = spans.find((each) => span.state === 'staleBook' && each.from < span.to && each.to > span.from);
      return { ...span, ...(known?.venue === undefined ? {} : { venue: known.venue }), reason: known?.reason ?? '' };
    }),
  });
}
