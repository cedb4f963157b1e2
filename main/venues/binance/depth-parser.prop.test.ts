import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DecimalStep, decimalStep } from '../../../core/market/decimal-parse.ts';
import { cloneDelta, type DepthDelta, emptyDelta } from '../session/depth-delta.ts';
import { DepthParser, readEnvelope, type StreamEnvelope } from './depth-parser.ts';
import { DEPTH_MESSAGE, TRADE_MESSAGE } from './fixtures/messages.ts';
import type { JsonObject } from '../session/wire-values.ts';
import { depthFromJson } from './parse.ts';

const TICK = decimalStep('0.01') as DecimalStep;
const LOT = decimalStep('0.0001') as DecimalStep;
const STREAM = 'ethusdt@depth@100ms';

function fast(message: Buffer): DepthDelta | undefined {
  const envelope: StreamEnvelope = { stream: '', dataStart: 0 };
  // The session looks the name up; one that was damaged is nobody's.
  if (!readEnvelope(message, envelope) || envelope.stream !== STREAM) return undefined;
  // A small capacity, so that growth is exercised.
  const delta = emptyDelta(2);
  return new DepthParser().parse(message, envelope.dataStart, TICK, LOT, delta) ? cloneDelta(delta) : undefined;
}

/** The oracle: JSON.parse and the slow path. */
function slow(message: string): DepthDelta | undefined {
  let event: JsonObject;
  try {
    event = (JSON.parse(message) as { data: JsonObject }).data;
  } catch {
    return undefined;
  }
  if (typeof event !== 'object' || event === null) return undefined;
  const parsed = depthFromJson(event, TICK, LOT, emptyDelta(2));
  return parsed.ok ? cloneDelta(parsed.value) : undefined;
}

const decimal = (places: number) =>
  fc
    .tuple(fc.integer({ min: 0, max: 9_999_999 }), fc.integer({ min: 0, max: 10 ** places - 1 }))
    .map(([whole, part]) => `${whole}.${String(part).padStart(places, '0')}0000`);
const level = fc.tuple(decimal(2), decimal(4));
const message = fc
  .record({
    time: fc.oneof(fc.constant(1723161255208), fc.constant(1741046401271497)),
    first: fc.integer({ min: 0, max: 2 ** 50 }),
    length: fc.nat(1000),
    bids: fc.array(level, { maxLength: 30, size: 'max' }),
    asks: fc.array(level, { maxLength: 30, size: 'max' }),
    market: fc.constantFrom('spot', 'usdm', 'coinm'),
    previous: fc.nat(1000),
  })
  .map(({ time, first, length, bids, asks, market, previous }) => {
    const ids = { U: first, u: first + length };
    const spot = market === 'spot';
    return JSON.stringify({
      stream: STREAM,
      data: {
        e: 'depthUpdate',
        E: time,
        ...(spot ? {} : { T: time - 1 }),
        s: market === 'coinm' ? 'ETHUSD_PERP' : 'ETHUSDT',
        ...(market === 'coinm' ? { ps: 'ETHUSD' } : {}),
        ...(spot ? ids : { ...ids, pu: Math.max(0, first - previous) }),
        b: bids,
        a: asks,
      },
    });
  });

describe('DepthParser', () => {
  it('reads the documented message', () => {
    const delta = fast(Buffer.from(DEPTH_MESSAGE)) as DepthDelta;
    expect([delta.firstId, delta.finalId, delta.previousId, delta.tsEvent]).toEqual([157, 160, -1, 1723161255208]);
    expect([[...delta.bidTicks], [...delta.bidLots]]).toEqual([
      [230_237, 230_000],
      [12_345, 0],
    ]);
    expect([[...delta.askTicks], [...delta.askLots]]).toEqual([[230_238], [1]]);
  });

  it('reads the documented message of contracts, with the id before', () => {
    const event =
      '{"e":"depthUpdate","E":1723161255208,"T":1723161255200,"s":"ETHUSD_PERP","ps":"ETHUSD","U":157,"u":160,"pu":149,"b":[],"a":[]}';
    const delta = fast(Buffer.from(`{"stream":"${STREAM}","data":${event}}`)) as DepthDelta;
    expect([delta.firstId, delta.finalId, delta.previousId, delta.tsEvent]).toEqual([157, 160, 149, 1723161255208]);
  });

  it('equals JSON.parse on every well-formed message', () => {
    fc.assert(
      fc.property(message, (text) => {
        const expected = slow(text);
        // A price of 0 is refused by both.
        expect(fast(Buffer.from(text))).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('never reads a damaged message differently from JSON.parse: it gives up or agrees', () => {
    fc.assert(
      fc.property(
        message,
        fc.nat(),
        fc.integer({ min: 32, max: 126 }),
        fc.constantFrom('replace', 'insert', 'remove', 'cut'),
        (text, where, code, how) => {
          const at = where % text.length;
          const character = String.fromCharCode(code);
          const damaged =
            how === 'cut'
              ? text.slice(0, at)
              : text.slice(0, at) + (how === 'remove' ? '' : character) + text.slice(how === 'insert' ? at : at + 1);
          const read = fast(Buffer.from(damaged));
          if (read !== undefined) expect(read).toEqual(slow(damaged));
        },
      ),
      { numRuns: 4000 },
    );
  });

  it('leaves other shapes to the slow path, which reads or refuses them', () => {
    const reordered = JSON.stringify({
      stream: STREAM,
      data: { u: 160, U: 157, E: 1, b: [['1.00', '1.0000']], a: [], e: 'depthUpdate' },
    });
    expect(fast(Buffer.from(reordered))).toBeUndefined();
    expect(slow(reordered)).toMatchObject({ firstId: 157, finalId: 160, bidCount: 1 });
    expect(fast(Buffer.from(TRADE_MESSAGE))).toBeUndefined();
    for (const [from, to] of [
      ['2302.37000000', '2302.375'],
      ['2302.37000000', '-2302.37'],
      ['2302.37000000', 'NaN'],
      ['2302.37000000', '99999999999999999.00'],
      ['"U":157', '"U":161'],
      ['"U":157', '"U":null'],
    ] as const) {
      const broken = DEPTH_MESSAGE.replace(from, to);
      expect(fast(Buffer.from(broken)), to).toBeUndefined();
      expect(slow(broken), to).toBeUndefined();
    }
  });
});
