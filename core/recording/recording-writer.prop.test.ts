import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BookState } from '../contracts/market-views.ts';
import { BookColumns } from '../market/book-columns.ts';
import type { Instrument } from '../market/instrument.ts';
import { L2Book } from '../market/l2-book.ts';
import type { DepthColumns, RecordedEvent } from './recorded-event.ts';
import { BTC_INVERSE, CollectingSink, decodeSegment, ETH } from './recording.fixture.ts';
import { RecordingWriter, stepText } from './recording-writer.ts';

const INSTRUMENTS: readonly Instrument[] = [ETH, BTC_INVERSE, { ...ETH, venue: 'okx' }];
const START = 1_583_366_400_000;

const which = fc.nat(INSTRUMENTS.length - 1);
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('delta' as const), which, ticks: fc.nat(40), lots: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('live' as const), which }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('stale' as const), which }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('trade' as const), which, price: fc.nat(1000), late: fc.nat(5000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('flush' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('roll' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const), which }) },
);
const steps = fc.array(step, { maxLength: 120, size: 'max' });

/** What a desk would have told, and what was told as events. */
function record(list: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[], segmentEvents: number) {
  const sink = new CollectingSink();
  const writer = new RecordingWriter({ batchEvents: 7, batchBytes: 400, segmentEvents }, sink);
  const told: (Omit<RecordedEvent, 'instrument'> & { symbol: string })[] = [];
  const desks = INSTRUMENTS.map((instrument) => ({ instrument, book: bookOf(instrument), live: false }));
  const columns = new BookColumns();
  let now = START;
  let tradeId = 0;
  for (const each of list) {
    now += 10;
    if (each.kind === 'flush') writer.flush();
    else if (each.kind === 'roll') writer.roll();
    else {
      const desk = desks[each.which] as (typeof desks)[number];
      const { instrument } = desk;
      const symbol = `${instrument.venue} ${instrument.symbol}`;
      const common = { symbol, tsReceived: now };
      const state = (to: BookState): void => {
        desk.live = to === 'live';
        writer.onBookState(instrument, to, `is ${to}`, now);
        told.push({ kind: 'state', ...common, tsEvent: now, state: to, reason: `is ${to}` } as never);
      };
      if (each.kind === 'reopen') {
        if (desk.live) state('stale');
        desk.instrument = { ...instrument };
        desk.book = bookOf(instrument);
      } else if (each.kind === 'stale') state('stale');
      else if (each.kind === 'live') {
        columns.copyOf(desk.book);
        writer.onDepth(instrument, columns, now - 3, now, desk.book);
        told.push({ kind: 'snapshot', ...common, tsEvent: now - 3, depth: copy(columns) } as never);
        state('live');
      } else if (each.kind === 'delta') {
        desk.book.setLevel('bid', each.ticks, each.lots);
        if (!desk.live) continue;
        const depth = oneBid(each.ticks, each.lots);
        writer.onDepth(instrument, { snapshot: false, ...depth }, now - 2, now, desk.book);
        told.push({ kind: 'delta', ...common, tsEvent: now - 2, depth } as never);
      } else {
        const trade = {
          id: tradeId++,
          price: each.price / 100,
          quantity: 1.5,
          side: 'buy' as const,
          tsEvent: now - 9,
          tsReceived: now - each.late,
        };
        writer.onTrade(instrument, trade);
        told.push({ kind: 'trade', symbol, tsEvent: now - 9, trade } as never);
      }
    }
  }
  writer.roll();
  return { sink, told, desks, writer };
}

function bookOf(instrument: Instrument): L2Book {
  return new L2Book({ tickSize: Number(instrument.tickSize), lotSize: 0.00001, bucketWidth: 1 });
}

function oneBid(ticks: number, lots: number): DepthColumns {
  const none = new Float64Array(0);
  return {
    bidCount: 1,
    bidTicks: Float64Array.of(ticks),
    bidLots: Float64Array.of(lots),
    askCount: 0,
    askTicks: none,
    askLots: none,
  };
}

function copy(columns: DepthColumns): DepthColumns {
  return {
    bidCount: columns.bidCount,
    bidTicks: columns.bidTicks.slice(0, columns.bidCount),
    bidLots: columns.bidLots.slice(0, columns.bidCount),
    askCount: columns.askCount,
    askTicks: columns.askTicks.slice(0, columns.askCount),
    askLots: columns.askLots.slice(0, columns.askCount),
  };
}

describe('RecordingWriter', () => {
  it('keeps every event once and in order, whatever is flushed and wherever segments end', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 60 }), (list, segmentEvents) => {
        const { sink, told, writer } = record(list, segmentEvents);
        expect(writer.pending).toBe(0);
        const read: object[] = [];
        let last = 0;
        for (const segment of sink.segments) {
          const decoded = decodeSegment(segment);
          if (!decoded.ok) throw new Error(decoded.error.message);
          const { instruments, events } = decoded.value;
          for (const { instrument: index, carried, ...event } of events) {
            expect(event.tsReceived).toBeGreaterThanOrEqual(last);
            last = event.tsReceived;
            const of = instruments[index]?.instrument;
            if (carried !== true) read.push({ ...event, symbol: `${of?.venue} ${of?.symbol}` });
          }
        }
        // A trade's place is where it was told; when it was received it says itself.
        expect(read).toEqual(told.map((event) => ({ tsReceived: expect.any(Number) as number, ...(event as object) })));
      }),
      { numRuns: 200 },
    );
  });

  it('makes segments of which each alone leads to the desk’s books', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 20, max: 200 }), (list, segmentEvents) => {
        const { sink, desks } = record(list, segmentEvents);
        const segment = sink.segments.at(-1);
        if (segment === undefined) return;
        const decoded = decodeSegment(segment);
        if (!decoded.ok) throw new Error(decoded.error.message);
        const { instruments, events } = decoded.value;
        for (const desk of desks.filter(({ live }) => live)) {
          const levels = new Map<number, number>();
          let state: BookState | undefined;
          let known = false;
          for (const event of events) {
            const of = instruments[event.instrument]?.instrument;
            if (of?.venue !== desk.instrument.venue || of.symbol !== desk.instrument.symbol) continue;
            if (event.kind === 'state') state = event.state;
            if (event.kind !== 'snapshot' && event.kind !== 'delta') continue;
            if (event.kind === 'snapshot') {
              levels.clear();
              known = true;
            }
            event.depth.bidTicks.forEach((ticks, i) => levels.set(ticks, event.depth.bidLots[i] as number));
          }
          expect(known).toBe(true);
          expect(state).toBe('live');
          const wanted = new Map<number, number>();
          for (let rank = 0; rank < desk.book.depth('bid'); rank++)
            wanted.set(desk.book.ticksAt('bid', rank), desk.book.lotsAt('bid', rank));
          expect(new Map([...levels].filter(([, quantity]) => quantity > 0))).toEqual(wanted);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('begins another segment when the market’s clock is set back, and tells what quantities are counted in', () => {
    const sink = new CollectingSink();
    const writer = new RecordingWriter({ batchEvents: 100, batchBytes: 10_000, segmentEvents: 100 }, sink);
    const book = bookOf(ETH);
    writer.onTrade(ETH, { id: 1, price: 1, quantity: 1, side: 'buy', tsEvent: START, tsReceived: START });
    writer.onDepth(ETH, { snapshot: true, ...oneBid(5, 5) }, START, START, book);
    writer.onDepth(ETH, { snapshot: false, ...oneBid(5, 6) }, START, START - 30_000, book);
    writer.onDepth(ETH, { snapshot: false, ...oneBid(5, 7) }, START, START - 3_600_000, book);
    writer.roll();
    expect(sink.segments.map((batches) => batches.reduce((sum, { events }) => sum + events, 0))).toEqual([3, 2]);
    const [first] = sink.segments.map((batches) => decodeSegment(batches));
    expect(first?.ok === true && first.value.instruments).toEqual([{ instrument: ETH, bookLotSize: '0.00001' }]);
    expect(first?.ok === true && first.value.events.map(({ tsReceived }) => tsReceived)).toEqual([START, START, START]);
  });

  it('names steps as decimal text', () => {
    expect(
      [
        { units: 5, decimals: 2 },
        { units: 10, decimals: 0 },
        { units: 125, decimals: 1 },
        { units: 1, decimals: 8 },
      ].map(stepText),
    ).toEqual(['0.05', '10', '12.5', '0.00000001']);
  });
});
