import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BOOK_STATES } from '../contracts/market-views.ts';
import type { Trade } from '../market/trade.ts';
import { ByteSink, ByteSource } from './byte-sink.ts';
import { crc32 } from './crc32.ts';
import { BATCH_COLUMNS, type BatchColumns } from './encoded-batch.ts';
import { BatchEncoder, decodeBatch, tradeGridOf } from './event-codec.ts';
import type { DepthColumns, RecordedEvent } from './recorded-event.ts';
import { BTC_INVERSE, ETH } from './recording.fixture.ts';

/** Any code point that stands alone. fast-check's own unit `binary` lists all of them first, which takes longer than the tests. */
const anyCharacter = fc.nat(0x10f7ff).map((code) => String.fromCodePoint(code < 0xd800 ? code : code + 0x800));

const INSTRUMENTS = [
  { instrument: ETH, bookLotSize: '0.00000001' },
  { instrument: BTC_INVERSE, bookLotSize: '100' },
];
const GRIDS = INSTRUMENTS.map(({ instrument }) => tradeGridOf(instrument));

const lots = fc.oneof(fc.constant(0), fc.nat(1000), fc.maxSafeNat());
const level = fc.tuple(fc.oneof(fc.nat(10), fc.nat(50_000), fc.integer({ min: 0, max: 2 ** 49 })), lots);
const depth = fc.tuple(fc.array(level, { maxLength: 20 }), fc.array(level, { maxLength: 20 })).map(
  ([bids, asks]): DepthColumns => ({
    bidCount: bids.length,
    bidTicks: Float64Array.from(bids, ([ticks]) => ticks),
    bidLots: Float64Array.from(bids, ([, quantity]) => quantity),
    askCount: asks.length,
    askTicks: Float64Array.from(asks, ([ticks]) => ticks),
    askLots: Float64Array.from(asks, ([, quantity]) => quantity),
  }),
);
/** On a grid, off every grid, and what should never come. */
const number = fc.oneof(
  fc.integer({ min: 0, max: 1e7 }).map((cents) => cents / 100),
  fc.double({ noNaN: false }),
);
const body = fc.oneof(
  fc.record({
    kind: fc.constant('trade' as const),
    id: fc.oneof(fc.nat(5), fc.maxSafeNat()),
    price: number,
    quantity: number,
    side: fc.constantFrom('buy' as const, 'sell' as const),
    lateBy: fc.oneof(fc.constant(0), fc.nat(60_000)),
  }),
  fc.record({ kind: fc.constantFrom('snapshot' as const, 'delta' as const), carried: fc.boolean(), depth }),
  fc.record({
    kind: fc.constant('state' as const),
    carried: fc.boolean(),
    state: fc.constantFrom(...BOOK_STATES),
    reason: fc.string({ unit: anyCharacter }),
  }),
);
const events = fc
  .array(fc.tuple(body, fc.nat(1), fc.nat(3000), fc.integer({ min: -100_000, max: 100_000 })), { maxLength: 60 })
  .map((list) => {
    let tsReceived = 1_583_366_400_000;
    return list.map(([of, instrument, later, latency]): RecordedEvent => {
      tsReceived += later;
      const common = { instrument, tsEvent: tsReceived - latency, tsReceived };
      if (of.kind === 'trade') {
        const { id, price, quantity, side, lateBy } = of;
        const trade: Trade = { id, price, quantity, side, tsEvent: common.tsEvent, tsReceived: tsReceived - lateBy };
        return { kind: 'trade', ...common, trade };
      }
      const carried = of.carried ? { carried: true as const } : {};
      if (of.kind === 'state') return { kind: 'state', ...common, ...carried, state: of.state, reason: of.reason };
      return { kind: of.kind, ...common, ...carried, depth: of.depth };
    });
  });

function encode(encoder: BatchEncoder, list: readonly RecordedEvent[]) {
  for (const event of list) {
    const { instrument, tsEvent, tsReceived, carried = false } = event;
    if (event.kind === 'trade') {
      const grid = GRIDS[instrument];
      if (grid !== undefined) encoder.trade(instrument, grid, event.trade, tsReceived);
    } else if (event.kind === 'state') encoder.state(instrument, carried, event.state, event.reason, tsEvent, tsReceived);
    else encoder.depth(instrument, event.kind === 'snapshot', carried, event.depth, tsEvent, tsReceived);
  }
  return encoder.take([]);
}

describe('a batch of events', () => {
  it('comes back equal, batch after batch from one encoder, buffers of the caller used again', () => {
    fc.assert(
      fc.property(fc.array(events, { minLength: 1, maxLength: 3 }), (lists) => {
        const encoder = new BatchEncoder();
        for (const list of lists) {
          const batch = encode(encoder, list);
          expect(batch.events).toBe(list.length);
          expect(batch.trades).toBe(list.filter(({ kind }) => kind === 'trade').length);
          const decoded = decodeBatch(batch, INSTRUMENTS);
          if (!decoded.ok) throw new Error(decoded.error.message);
          expect(decoded.value).toEqual(list);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('that was damaged anywhere is refused or read as something finite, and nothing is thrown', () => {
    const damage = fc.record({
      column: fc.constantFrom(...BATCH_COLUMNS),
      at: fc.nat(),
      value: fc.nat(255),
      cut: fc.boolean(),
    });
    fc.assert(
      fc.property(events, damage, (list, { column, at, value, cut }) => {
        const { columns, ...batch } = encode(new BatchEncoder(), list);
        const bytes = columns[column];
        fc.pre(bytes.length > 0);
        const broken = cut ? bytes.slice(0, at % bytes.length) : bytes.slice();
        if (!cut) broken[at % bytes.length] = value;
        const read = decodeBatch({ ...batch, columns: { ...columns, [column]: broken } as BatchColumns }, INSTRUMENTS);
        if (cut) expect(read.ok).toBe(false);
        else if (read.ok) expect(read.value.length).toBe(list.length);
      }),
      { numRuns: 500 },
    );
  });
});

describe('ByteSink', () => {
  it('gives numbers back, whole ones of either sign and any double', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.maxSafeNat(), fc.integer({ min: -(2 ** 51), max: 2 ** 51 }), fc.double())), (list) => {
        const sink = new ByteSink();
        for (const [whole, signed, double] of list) {
          sink.varint(whole);
          sink.signed(signed);
          sink.double(double);
        }
        const source = new ByteSource(sink.take());
        const read = list.map(() => [source.varint(), source.signed(), source.double()]);
        expect(read).toEqual(list);
        expect(source.isAtEnd).toBe(true);
      }),
    );
  });
});

describe('crc32', () => {
  it('is the check value of the standard, in one go or in parts', () => {
    const digits = Uint8Array.from('123456789', (digit) => digit.charCodeAt(0));
    expect(crc32(digits)).toBe(0xcbf43926);
    expect(crc32(digits.subarray(4), crc32(digits.subarray(0, 4)))).toBe(0xcbf43926);
    expect(crc32(new Uint8Array(0))).toBe(0);
  });
});
