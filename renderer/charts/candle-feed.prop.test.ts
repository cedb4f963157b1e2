import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fail, ok, type Result } from '../../core/base/result.ts';
import type { CandlePage } from '../../core/contracts/market-views.ts';
import type { DeskClient } from '../ipc/desk-client.ts';
import { CandleFeed, type FeedState } from './candle-feed.ts';
import type { ChartCandle } from './candle-series.ts';

const MINUTE = 60_000;

/** `version` stands for everything that changes while a candle runs, and its volume grows with it. */
function candle(minute: number, version = 1): ChartCandle {
  return {
    openTime: minute * MINUTE,
    open: 1,
    high: 1,
    low: 1,
    close: version,
    volume: version,
    buyVolume: 0,
    tradeCount: 0,
    filled: false,
  };
}

type CandleEvent = { readonly candle: ChartCandle; readonly gap: boolean };

/** A host with candles from minute `first` on; the test decides when it answers and which events get through. */
function fakeHost(first: number, newest: number) {
  const series = new Map<number, ChartCandle>();
  for (let minute = first; minute <= newest; minute++) series.set(minute, candle(minute));
  let listener: ((event: { candle: ChartCandle }, gap: boolean) => void) | undefined;
  const requests: {
    readonly before: number | undefined;
    readonly limit: number;
    readonly answer: (result: Result<CandlePage>) => void;
  }[] = [];
  const client = {
    command: (_name: string, input: { before?: number; limit: number }) =>
      new Promise((answer) => requests.push({ before: input.before, limit: input.limit, answer })),
    subscribe: (_stream: string, _params: unknown, given: typeof listener) => {
      listener = given;
      return () => {
        listener = undefined;
      };
    },
    onConnection: () => () => {},
  } as unknown as DeskClient;
  return {
    client,
    series,
    requests,
    newest: () => first + series.size - 1,
    isHeard: () => listener !== undefined,
    send: ({ candle: sent, gap }: CandleEvent): void => listener?.({ candle: sent }, gap),
    /** The host works out its answer now; it arrives when the promise is awaited. */
    async answer(succeeds = true): Promise<boolean> {
      const request = requests.shift();
      if (request === undefined) return false;
      if (!succeeds) request.answer(fail('NOT_READY', 'not now'));
      else {
        // The series has no hole.
        const end = Math.min(
          first + series.size,
          request.before === undefined ? Number.POSITIVE_INFINITY : request.before / MINUTE,
        );
        const page = range(Math.max(first, end - request.limit), end);
        const candles = page.map((minute) => series.get(minute) as ChartCandle);
        request.answer(ok({ symbol: 'ETH/USDT', timeframe: '1m', candles, exhausted: page.length < request.limit }));
      }
      await new Promise((resolve) => setImmediate(resolve));
      return true;
    },
    async answerAll(): Promise<void> {
      while (await this.answer()) continue;
    },
  };
}

function follow(host: ReturnType<typeof fakeHost>) {
  const states: FeedState[] = [];
  const resets: number[] = [];
  let drawn: ChartCandle[] = [];
  const feed = new CandleFeed(host.client, 'ETH/USDT', '1m', {
    onReset: (candles, added) => {
      drawn = [...candles];
      resets.push(added);
    },
    onUpdate: (changed) => {
      if (changed.openTime > (drawn.at(-1)?.openTime ?? 0)) drawn.push(changed);
      else drawn[drawn.findLastIndex((each) => each.openTime === changed.openTime)] = changed;
    },
    onState: (state) => states.push(state),
  });
  return {
    feed,
    states,
    resets,
    drawn: () => drawn,
    state: () => states.at(-1),
    minutes: () => feed.candles.map((each) => each.openTime / MINUTE),
  };
}

/** One text for a series: comparing tens of thousands of objects one by one takes seconds. */
const text = (candles: readonly ChartCandle[]): string =>
  candles.map((each) => `${each.openTime / MINUTE}:${each.close}`).join(' ');

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

describe('the newest page', () => {
  it('is asked for once, shown, and followed by updates of its last candle and by new ones', async () => {
    const host = fakeHost(0, 2_000);
    const chart = follow(host);
    expect(chart.states).toEqual([{ kind: 'loading' }]);
    await host.answer();
    expect(chart.state()).toEqual({ kind: 'ready', loadingOlder: false, exhausted: false });
    expect(chart.minutes()).toEqual(range(1_401, 2_001));
    host.send({ candle: candle(2_000, 7), gap: false });
    host.send({ candle: candle(2_001, 8), gap: false });
    expect(chart.drawn().slice(-2)).toEqual([candle(2_000, 7), candle(2_001, 8)]);
    expect(chart.resets).toEqual([0]);
    expect(host.requests).toEqual([]);
  });

  it('gives way to what came while it was under way, and nothing is drawn before it', async () => {
    const host = fakeHost(0, 100);
    const chart = follow(host);
    host.send({ candle: candle(100, 5), gap: false });
    host.send({ candle: candle(101, 6), gap: false });
    host.send({ candle: candle(99, 4), gap: false });
    expect(chart.resets).toEqual([]);
    await host.answer();
    expect(chart.minutes()).toEqual(range(0, 102));
    expect(chart.drawn().slice(-3)).toEqual([candle(99, 4), candle(100, 5), candle(101, 6)]);
  });

  it('that cannot be had is said, and asked for again by the trader', async () => {
    const host = fakeHost(0, 10);
    const chart = follow(host);
    await host.answer(false);
    expect(chart.state()).toEqual({ kind: 'failed', message: 'not now' });
    chart.feed.retry();
    chart.feed.retry();
    expect(host.requests).toHaveLength(1);
    await host.answer();
    expect(chart.state()).toMatchObject({ kind: 'ready', exhausted: true });
    chart.feed.retry();
    expect(host.requests).toEqual([]);
  });

  it('that fails after updates came is said too', async () => {
    const host = fakeHost(0, 10);
    const chart = follow(host);
    host.send({ candle: candle(10, 2), gap: false });
    await host.answer(false);
    expect(chart.state()).toEqual({ kind: 'failed', message: 'not now' });
  });
});

describe('older pages', () => {
  it('are put in front until there are none, one request at a time', async () => {
    const host = fakeHost(0, 1_299);
    const chart = follow(host);
    await host.answer();
    const both = Promise.all([chart.feed.loadOlder(), chart.feed.loadOlder()]);
    expect(chart.state()).toEqual({ kind: 'ready', loadingOlder: true, exhausted: false });
    expect(host.requests).toHaveLength(1);
    await host.answer();
    await both;
    expect(chart.resets).toEqual([0, 600]);
    void chart.feed.loadOlder();
    await host.answer();
    expect(chart.minutes()).toEqual(range(0, 1_300));
    expect(chart.state()).toEqual({ kind: 'ready', loadingOlder: false, exhausted: true });
    await chart.feed.loadOlder();
    expect(host.requests).toEqual([]);
  });

  it('keep what came while they were under way, and may be asked for again after a failure', async () => {
    const host = fakeHost(0, 1_000);
    const chart = follow(host);
    await host.answer();
    void chart.feed.loadOlder();
    host.send({ candle: candle(1_001, 3), gap: false });
    await host.answer(false);
    expect(chart.state()).toEqual({ kind: 'ready', loadingOlder: false, exhausted: false });
    void chart.feed.loadOlder();
    await host.answer();
    expect(chart.minutes()).toEqual(range(0, 1_002));
    expect(chart.resets).toEqual([0, 401]);
  });

  it('are fetched until a time is reached, also when one is under way or nothing is loaded yet', async () => {
    const host = fakeHost(0, 9_999);
    const chart = follow(host);
    const early = chart.feed.reach(9_000 * MINUTE);
    await host.answerAll();
    expect(await early).toBe(true);
    expect(chart.minutes()[0]).toBeLessThanOrEqual(9_000);

    void chart.feed.loadOlder();
    const reached = chart.feed.reach(5_000 * MINUTE);
    await host.answerAll();
    expect(await reached).toBe(true);
    expect(chart.minutes()).toEqual(range(chart.minutes()[0] as number, 10_000));
    expect(chart.minutes()[0]).toBeLessThanOrEqual(5_000);

    const beyond = chart.feed.reach(-5 * MINUTE);
    await host.answerAll();
    expect(await beyond).toBe(false);
    expect(await chart.feed.reach(-60_000 * MINUTE)).toBe(false);
  });

  it('stop at the bound, and a chart that grows beyond it loses its oldest candles', async () => {
    const host = fakeHost(0, 60_000);
    const chart = follow(host);
    await host.answer();
    while (chart.minutes().length < 50_000) {
      void chart.feed.loadOlder(5_000);
      await host.answer();
    }
    const held = chart.minutes().length;
    await chart.feed.loadOlder(5_000);
    expect([chart.minutes().length, host.requests.length]).toEqual([held, 0]);
    for (let minute = 60_001; minute <= 66_000; minute++) host.send({ candle: candle(minute), gap: false });
    expect(chart.minutes().length).toBeLessThanOrEqual(55_000);
    expect(chart.minutes().join()).toBe(range(66_001 - chart.minutes().length, 66_001).join());
    expect(chart.resets.at(-1)).toBe(-5_000);
    expect(text(chart.drawn())).toBe(text(chart.feed.candles));
  });
});

describe('after a gap', () => {
  it('the page says what the lost updates said, though the chart had the candle', async () => {
    const host = fakeHost(0, 100);
    const chart = follow(host);
    await host.answer();
    host.send({ candle: candle(100, 2), gap: false });
    // Lost: the last state of 100. Then 101, flagged.
    host.series.set(100, candle(100, 9));
    host.series.set(101, candle(101, 1));
    host.send({ candle: candle(101, 1), gap: true });
    await host.answerAll();
    expect(chart.drawn().slice(-2)).toEqual([candle(100, 9), candle(101, 1)]);
  });

  it('longer than a page, the hole is closed with older pages, and the view stays', async () => {
    const host = fakeHost(0, 1_000);
    const chart = follow(host);
    await host.answer();
    for (let minute = 1_001; minute <= 4_000; minute++) host.series.set(minute, candle(minute));
    host.series.set(1_000, candle(1_000, 5));
    host.send({ candle: candle(4_000), gap: true });
    await host.answerAll();
    expect(chart.minutes()).toEqual(range(401, 4_001));
    expect(chart.feed.candles.find((each) => each.openTime === 1_000 * MINUTE)?.close).toBe(5);
    expect(chart.resets).toEqual([0, 0]);
    expect(text(chart.drawn())).toBe(text(chart.feed.candles));
  });

  it('much longer, the chart begins anew instead of showing a hole', async () => {
    const host = fakeHost(0, 1_000);
    const chart = follow(host);
    await host.answer();
    for (let minute = 1_001; minute <= 100_000; minute++) host.series.set(minute, candle(minute));
    host.send({ candle: candle(100_000), gap: true });
    await host.answerAll();
    const minutes = chart.minutes();
    expect(minutes).toEqual(range(minutes[0] as number, 100_001));
    expect(chart.state()).toMatchObject({ kind: 'ready', exhausted: false });
    expect(text(chart.drawn())).toBe(text(chart.feed.candles));
  });

  it('a page that cannot be had is asked for again with the next event', async () => {
    const host = fakeHost(0, 100);
    const chart = follow(host);
    await host.answer();
    for (const minute of [101, 102, 103]) host.series.set(minute, candle(minute));
    host.send({ candle: candle(102), gap: true });
    await host.answer(false);
    expect(host.requests).toEqual([]);
    host.send({ candle: candle(103), gap: false });
    await host.answerAll();
    expect(chart.minutes()).toEqual(range(0, 104));
  });

  it('nothing comes of what was under way when the chart was closed', async () => {
    const host = fakeHost(0, 100);
    const chart = follow(host);
    chart.feed.close();
    expect(host.isHeard()).toBe(false);
    await host.answerAll();
    expect(chart.states).toEqual([{ kind: 'loading' }]);
    expect(chart.resets).toEqual([]);
  });
});

describe('a chart that follows a market', () => {
  type Act =
    | { readonly kind: 'change' | 'close'; readonly lost: boolean }
    | { readonly kind: 'outage'; readonly minutes: number }
    | { readonly kind: 'answer'; readonly succeeds: boolean }
    | { readonly kind: 'older' };

  const acts: fc.Arbitrary<Act[]> = fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom<'change' | 'close'>('change', 'close'), lost: fc.boolean() }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('outage' as const), minutes: fc.integer({ min: 1, max: 1_500 }) }) },
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('answer' as const), succeeds: fc.boolean() }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('older' as const) }) },
    ),
    { maxLength: 50 },
  );

  it('shows in the end what the market is, without a hole, whatever was lost and however answers were delayed', async () => {
    await fc.assert(
      fc.asyncProperty(acts, async (list) => {
        const host = fakeHost(0, 1_500);
        const chart = follow(host);
        let version = 1;
        let missed = false;
        const change = (minute: number, lost: boolean): void => {
          const changed = candle(minute, ++version);
          host.series.set(minute, changed);
          if (lost) missed = true;
          else {
            host.send({ candle: changed, gap: missed });
            missed = false;
          }
        };
        for (const act of list) {
          if (act.kind === 'answer') await host.answer(act.succeeds);
          else if (act.kind === 'older') void chart.feed.loadOlder();
          else if (act.kind === 'outage') for (let i = 0; i < act.minutes; i++) change(host.newest() + 1, true);
          else {
            change(host.newest(), act.lost);
            if (act.kind === 'close') change(host.newest() + 1, act.lost);
          }
        }
        // The market goes on: the next events come through, and requests are answered again.
        for (let i = 0; i < 3; i++) {
          change(host.newest(), false);
          await host.answerAll();
          chart.feed.retry();
          await host.answerAll();
        }
        const minutes = chart.minutes();
        const truth = range(minutes[0] as number, host.newest() + 1).map((minute) => host.series.get(minute) as ChartCandle);
        expect(text(chart.feed.candles)).toBe(text(truth));
        expect(text(chart.drawn())).toBe(text(truth));
        expect(chart.state()).toMatchObject({ kind: 'ready', loadingOlder: false });
      }),
      { numRuns: 150 },
    );
  });
});
