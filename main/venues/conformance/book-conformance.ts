import { describe, expect, it, onTestFinished } from 'vitest';
import { SplitMix32 } from '../../../core/base/rng.ts';
import type { BookSide } from '../../../core/market/l2-book.ts';
import type { Trade } from '../../../core/market/trade.ts';
import { BookOracle } from './book-oracle.ts';
import { MarketScript, numbersOf, numbersOfText } from './market-script.ts';
import { mutated } from './mutations.ts';
import type { VenueConformance } from './venue-conformance.ts';
import { WireBench } from './wire-bench.ts';

/** Mutated frames a venue; the fuzz run asks for more. */
const FRAMES = Number(process.env.FUZZ_FRAMES ?? 3_000);

interface Play {
  readonly bench: WireBench;
  readonly script: MarketScript;
  readonly oracle: BookOracle;
}

function play(venue: VenueConformance): Play {
  const bench = new WireBench(venue);
  const script = new MarketScript(venue.instrument, venue.book);
  bench.feed(...(venue.book.opening ?? []));
  return { bench, script, oracle: new BookOracle(bench, script) };
}

/** Gives the book a fresh snapshot, if it wants one. */
async function snapshot({ bench, script }: Play, ordinal = script.ordinal): Promise<void> {
  if (!bench.sync.wantsSnapshot) return;
  const frame = script.snapshot(ordinal);
  if (frame === undefined) await bench.feedRestSnapshot(script.restSnapshot(ordinal));
  else bench.feed(frame);
}

function update({ bench, script }: Play, side: BookSide, offset: number, lots: number): void {
  script.change(side, offset, lots);
  bench.feed(script.delta());
}

/** Live: the book is the venue's at some update, never an earlier one than before. */
function expectRight({ oracle }: Play): void {
  expect(oracle.doubt()).toBeUndefined();
}

/** Live, and the venue's newest book. */
function expectCurrent({ bench, script }: Play): void {
  expect(bench.sync.state).toBe('live');
  expect(numbersOf(bench.sync.book)).toEqual(numbersOfText(script.text(script.ordinal)));
}

/** An update before the snapshot, so that a book which begins with REST has something buffered. */
async function goLive(run: Play): Promise<void> {
  update(run, 'bid', 2, 7);
  await snapshot(run);
  update(run, 'ask', 2, 8);
  expectCurrent(run);
}

export function bookConformance(venue: VenueConformance): void {
  describe('book', () => {
    it('goes live from a snapshot and follows the updates, with the venue’s times in milliseconds', async () => {
      const run = play(venue);
      expect(run.bench.sync.state).toBe('syncing');
      await goLive(run);
      for (let i = 1; i <= 40; i++) update(run, i % 2 === 0 ? 'bid' : 'ask', 1 + (i % 12), i % 7);
      expectCurrent(run);
      expect(run.bench.states).toEqual(['syncing', 'live']);
      expect(run.bench.eventTimes.at(-1)).toBe(run.script.timeOf(run.script.ordinal));
      expect([run.bench.unreadable, run.bench.odd]).toEqual([[], []]);
    });

    it('is stale at once when an update is lost, and live again after a fresh snapshot', async () => {
      const run = play(venue);
      await goLive(run);
      run.script.change('bid', 1, 55);
      update(run, 'bid', 1, 56);
      run.script.change('ask', 1, 57);
      update(run, 'bid', 3, 58);
      expect(run.bench.sync.state).toBe('resyncing');
      expect(run.bench.states).toContain('stale');
      await snapshot(run);
      update(run, 'ask', 3, 9);
      expectCurrent(run);
      expect(run.bench.sync.resyncs).toBe(1);
    });

    it('is not misled by a repeated update or by two in the wrong order', async () => {
      const run = play(venue);
      await goLive(run);
      run.bench.feed(run.script.delta());
      expectRight(run);
      update(run, 'bid', 4, 11);
      await snapshot(run);
      update(run, 'bid', 4, 12);
      expectCurrent(run);
      run.script.change('bid', 1, 12);
      run.script.change('bid', 1, 13);
      run.bench.feed(run.script.delta());
      expectRight(run);
      run.bench.feed(run.script.delta(run.script.ordinal - 1));
      expectRight(run);
      update(run, 'ask', 4, 14);
      await snapshot(run);
      update(run, 'ask', 5, 14);
      expectCurrent(run);
    });

    it('does not believe a crossed book', async () => {
      const run = play(venue);
      await goLive(run);
      run.script.changeAt('bid', 20_011, 5);
      run.bench.feed(run.script.delta());
      expect(run.bench.sync.state).toBe('resyncing');
      expect(run.bench.sync.reason).toMatch(/crossed/);
    });

    it('survives anything that is no message, and lets nothing impossible into a book or a trade', async () => {
      const run = play(venue);
      await goLive(run);
      const rng = new SplitMix32(20_240_808);
      const { script } = run;
      const others = [...venue.trades.map(({ frame }) => frame), ...venue.klines.map(({ frame }) => frame), ...venue.silent];
      const frames = [() => script.delta(), () => script.snapshot() ?? script.delta(), ...others.map((frame) => () => frame)];
      // Nobody reads where the errors of unpacking and parsing came from, and telling it takes longer than the parsing.
      const { stackTraceLimit } = Error;
      onTestFinished(() => {
        Error.stackTraceLimit = stackTraceLimit;
      });
      Error.stackTraceLimit = 0;
      for (let i = 0; i < FRAMES; i++) {
        if (i % 50 === 0) {
          run.bench.reconnect();
          run.bench.feed(...(venue.book.opening ?? []));
          update(run, 'bid', 1 + (i % 11), 3 + (i % 90));
          await snapshot(run);
        }
        script.change('ask', 1 + (i % 11), 1 + (i % 90));
        run.bench.feed(mutated(frames, rng));
      }
      Error.stackTraceLimit = stackTraceLimit;
      const { book } = run.bench.sync;
      const isPossible = (value: number): boolean => value > 0 && Number.isFinite(value);
      const levels = [...numbersOf(book).bids, ...numbersOf(book).asks];
      expect(levels.filter((level) => !level.every(isPossible))).toEqual([]);
      const isTrade = ({ price, quantity, tsEvent, id }: Trade): boolean =>
        price > 0 && quantity > 0 && Number.isFinite(price * quantity) && tsEvent >= 0 && Number.isSafeInteger(id);
      expect(run.bench.trades.filter((trade) => !isTrade(trade))).toEqual([]);
      expect(run.bench.klines.filter(({ candle }) => Object.values(candle).some(Number.isNaN))).toEqual([]);
      // And it works as before.
      run.bench.reconnect();
      run.bench.feed(...(venue.book.opening ?? []));
      update(run, 'bid', 2, 21);
      await snapshot(run);
      update(run, 'bid', 3, 22);
      expectCurrent(run);
    }, 600_000);
  });
}
