import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ok, type Result } from '../base/result.ts';
import type { RecordedEvent } from './recorded-event.ts';
import { ReplayClock } from './replay-clock.ts';
import { type Advance, type RecordedEventSource, ReplayEngine, type TimeSpan } from './replay-engine.ts';

function tradeAt(tsReceived: number, id: number): RecordedEvent {
  const trade = { id, price: 1, quantity: 1, side: 'buy', tsEvent: tsReceived, tsReceived } as const;
  return { kind: 'trade', instrument: 0, tsEvent: tsReceived, tsReceived, trade };
}

/** Batches of the given size, each `delay` turns of the microtask queue late. */
function sourceOf(events: readonly RecordedEvent[], size: number, delay: number): RecordedEventSource {
  let index = 0;
  return {
    async next(): Promise<Result<readonly RecordedEvent[] | undefined>> {
      for (let i = 0; i < delay; i++) await Promise.resolve();
      const batch = events.slice(index, index + size);
      index += size;
      return ok(batch.length === 0 ? undefined : batch);
    },
  };
}

interface Schedule {
  readonly batch: number;
  readonly delay: number;
  readonly stride: number;
  readonly stepsPerTurn: number;
  readonly work: number;
}

interface Market {
  readonly at: number;
  readonly to: number;
  readonly gaps: readonly TimeSpan[];
  readonly events: readonly RecordedEvent[];
}

/** Everything told, in order. Every seventh event is worked on for a while; timers beget timers. */
async function play(market: Market, schedule: Schedule): Promise<string[]> {
  const told: string[] = [];
  const clock = new ReplayClock(market.at);
  let working = 0;
  clock.every(100, () => told.push(`tick ${clock.now()}`));
  const engine = new ReplayEngine({
    clock,
    source: sourceOf(market.events, schedule.batch, schedule.delay),
    to: market.to,
    gaps: market.gaps,
    held: () => working > 0,
    listener: {
      onBegin: () => told.push(`begin ${clock.now()}`),
      onGap: (gap) => told.push(`gap ${gap.from} ${gap.to} at ${clock.now()}`),
      onEvent(event, silent) {
        if (silent) return;
        const id = event.kind === 'trade' ? event.trade.id : -1;
        told.push(`event ${id} at ${clock.now()}`);
        clock.after(id % 50, () => told.push(`after ${id} at ${clock.now()}`));
        if (id % 7 !== 0) return;
        working++;
        void (async () => {
          for (let i = 0; i < schedule.work; i++) await Promise.resolve();
          told.push(`worked ${id} at ${clock.now()}`);
          working--;
        })();
      },
    },
  });
  await engine.begin();
  let came: Advance = 'reached';
  while (came !== 'ended') {
    let steps = 0;
    const until = came === 'reached' ? clock.now() + schedule.stride : market.to;
    came = engine.advance(until, () => steps++ >= schedule.stepsPerTurn);
    if (came === 'starved') await engine.filled();
    else await Promise.resolve();
  }
  return told;
}

const markets = fc
  .record({
    distances: fc.array(fc.integer({ min: 0, max: 120 }), { minLength: 1, maxLength: 150 }),
    at: fc.integer({ min: 0, max: 2_000 }),
    gap: fc.tuple(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 1, max: 1_000 })),
  })
  .map(({ distances, at, gap: [from, length] }): Market => {
    const gap = { from, to: from + length };
    let t = 0;
    const events = distances.map((distance, id) => {
      t += distance;
      if (t >= gap.from && t < gap.to) t = gap.to;
      return tradeAt(t, id);
    });
    return { at, to: at + 6_000, gaps: [gap], events };
  });
const schedules = fc.record({
  batch: fc.integer({ min: 1, max: 60 }),
  delay: fc.integer({ min: 0, max: 5 }),
  stride: fc.integer({ min: 1, max: 5_000 }),
  stepsPerTurn: fc.integer({ min: 1, max: 200 }),
  work: fc.integer({ min: 0, max: 6 }),
});

describe('ReplayEngine', () => {
  it('tells the same in the same order however it is driven', async () => {
    await fc.assert(
      fc.asyncProperty(markets, schedules, schedules, async (market, one, other) => {
        expect(await play(market, one)).toEqual(await play(market, other));
      }),
      { numRuns: 150 },
    );
  });

  it('tells every event after the beginning once, at its time, after the timers that were due by then', async () => {
    await fc.assert(
      fc.asyncProperty(markets, schedules, async (market, schedule) => {
        const told = await play(market, schedule);
        const expected = market.events.filter(({ tsReceived }) => tsReceived > market.at && tsReceived <= market.to);
        const events = told.filter((line) => line.startsWith('event'));
        expect(events).toEqual(
          expected.map((event) => `event ${event.kind === 'trade' && event.trade.id} at ${event.tsReceived}`),
        );
        const ticks = told.filter((line) => line.startsWith('tick'));
        expect(ticks).toEqual(Array.from({ length: 60 }, (_, i) => `tick ${market.at + (i + 1) * 100}`));
        const times = told.map((line) => Number(line.split(' ').at(-1)));
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        // Among things of one time, the ticks come before the events.
        told.forEach((line, i) => {
          if (line.startsWith('tick') && i > 0 && told[i - 1]?.startsWith('event'))
            expect(times[i]).toBeGreaterThan(times[i - 1] as number);
        });
      }),
      { numRuns: 150 },
    );
  });

  it('says that it failed when the recording cannot be read on', async () => {
    const clock = new ReplayClock(0);
    const listener = { onBegin: () => {}, onGap: () => {}, onEvent: () => {} };
    const error = { code: 'BROKEN', message: 'the segment is damaged', retryable: false };
    const source = { next: async () => ({ ok: false as const, error }) };
    const engine = new ReplayEngine({ clock, source, to: 10, gaps: [], listener, held: () => false });
    await engine.begin();
    expect(engine.advance(5, () => false)).toBe('failed');
    expect(engine.failure).toEqual(error);
    expect(clock.now()).toBe(0);
  });
});
