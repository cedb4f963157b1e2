import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SplitMix32 } from '../../../core/base/rng.ts';
import type { BookSide } from '../../../core/market/l2-book.ts';
import { MarketScript, numbersOf, numbersOfText } from './market-script.ts';
import { mutated } from './mutations.ts';
import type { VenueConformance } from './venue-conformance.ts';
import { WireBench } from './wire-bench.ts';

/** Mutated frames a venue; the fuzz run asks for more. */
const FRAMES = Number(process.env.COBALT_FUZZ_FRAMES ?? 3_000);

interface Play {
  readonly bench: WireBench;
  readonly script: MarketScript;
  /** The update that the book was last seen to be at since it went live; it must not go back. */
  at: number;
}

function play(venue: VenueConformance): Play {
  const bench = new WireBench(venue);
  const script = new MarketScript(venue.instrument, venue.book);
  bench.feed(...(venue.book.opening ?? []));
  return { bench, script, at: 1 };
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
function expectRight(run: Play): void {
  const { bench, script } = run;
  if (bench.sync.state !== 'live') {
    run.at = 1;
    return;
  }
  const book = JSON.stringify(numbersOf(bench.sync.book));
  // The earliest moment that fits: a later one may look the same, and taking it would make the true next state a step back.
  for (let at = run.at; at <= script.ordinal; at++) {
    if (JSON.stringify(numbersOfText(script.text(at))) !== book) continue;
    run.at = at;
    return;
  }
  expect(numbersOf(bench.sync.book), `live since update ${run.at}, but never the venue's book`).toEqual(
    numbersOfText(script.text(script.ordinal)),
  );
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

type Step =
  | { readonly kind: 'change'; readonly side: BookSide; readonly offset: number; readonly lots: number }
  | { readonly kind: 'deliver' | 'lose' | 'duplicate' | 'swap' | 'damage' | 'reconnect' | 'silence' }
  | { readonly kind: 'snapshot'; readonly age: number };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({
        kind: fc.constant('change' as const),
        side: fc.constantFrom<BookSide>('bid', 'ask'),
        offset: fc.integer({ min: 1, max: 12 }),
        lots: fc.integer({ min: 0, max: 500 }),
      }),
    },
    { weight: 12, arbitrary: fc.constant<Step>({ kind: 'deliver' }) },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('snapshot' as const), age: fc.nat(3) }) },
    {
      weight: 3,
      arbitrary: fc
        .constantFrom('lose', 'duplicate', 'swap', 'damage', 'reconnect', 'silence')
        .map((kind) => ({ kind: kind as 'lose' | 'duplicate' | 'swap' | 'damage' | 'reconnect' | 'silence' })),
    },
  ),
  { maxLength: 120, size: 'max' },
);

async function perform(run: Play, list: readonly Step[], opening: () => void): Promise<void> {
  const { bench, script } = run;
  const fromStream = script.snapshot() !== undefined;
  let sent = script.ordinal;
  let heldBack: number | undefined;
  for (const step of list) {
    if (step.kind === 'change') script.change(step.side, step.offset, step.lots);
    // A snapshot in the stream is of the moment at which it is sent; one by REST may be older, or ahead of the stream.
    else if (step.kind === 'snapshot') await snapshot(run, fromStream ? sent : Math.max(1, script.ordinal - step.age));
    else if (step.kind === 'reconnect') {
      bench.reconnect();
      expect(bench.sync.state).not.toBe('live');
      opening();
      sent = script.ordinal;
      heldBack = undefined;
    } else if (step.kind === 'silence') bench.sync.invalidate('silent');
    else if (step.kind === 'duplicate') {
      if (sent > 1) bench.feed(script.delta(sent));
    } else if (script.ordinal > sent) {
      sent++;
      if (step.kind === 'swap') heldBack ??= sent;
      else if (step.kind === 'damage') {
        const frame = script.delta(sent);
        bench.feed(typeof frame === 'string' ? frame.slice(0, -3) : frame.subarray(0, -3));
      } else if (step.kind === 'deliver') {
        bench.feed(script.delta(sent));
        expectRight(run);
        if (heldBack !== undefined) bench.feed(script.delta(heldBack));
        heldBack = undefined;
      }
    }
    expectRight(run);
  }
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
      for (let i = 0; i < FRAMES; i++) {
        if (i % 50 === 0) {
          run.bench.reconnect();
          run.bench.feed(...(venue.book.opening ?? []));
          update(run, 'bid', 1 + (i % 11), 3 + (i % 90));
          await snapshot(run);
        }
        run.script.change('ask', 1 + (i % 11), 1 + (i % 90));
        const good = [run.script.delta(), run.script.snapshot() ?? run.script.delta()];
        const others = [...venue.trades.map(({ frame }) => frame), ...venue.klines.map(({ frame }) => frame), ...venue.silent];
        run.bench.feed(mutated([...good, ...others], rng));
      }
      const { book } = run.bench.sync;
      for (const level of [...numbersOf(book).bids, ...numbersOf(book).asks]) {
        for (const value of level) expect(value > 0 && Number.isFinite(value), String(level)).toBe(true);
      }
      for (const { price, quantity, tsEvent, id } of run.bench.trades) {
        expect([price > 0, quantity > 0, Number.isFinite(price * quantity), tsEvent >= 0, Number.isSafeInteger(id)]).toEqual(
          Array<boolean>(5).fill(true),
        );
      }
      for (const { candle } of run.bench.klines) {
        for (const value of Object.values(candle)) if (typeof value === 'number') expect(value).not.toBeNaN();
      }
      // And it works as before.
      run.bench.reconnect();
      run.bench.feed(...(venue.book.opening ?? []));
      update(run, 'bid', 2, 21);
      await snapshot(run);
      update(run, 'bid', 3, 22);
      expectCurrent(run);
    }, 120_000);

    it('is never live and wrong, whatever is lost, repeated, swapped, damaged or delayed, and always comes back', async () => {
      await fc.assert(
        fc.asyncProperty(steps, async (list) => {
          const run = play(venue);
          const opening = (): void => run.bench.feed(...(venue.book.opening ?? []));
          await goLive(run);
          await perform(run, list, opening);
          for (let i = 0; i < 30 && (i < 3 || run.bench.sync.state !== 'live'); i++) {
            update(run, 'bid', 1 + (i % 11), 30 + i);
            await snapshot(run);
          }
          expectCurrent(run);
        }),
        { numRuns: 100 },
      );
    }, 60_000);
  });
}
