import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DecimalStep, decimalStep, textToSteps } from '../../../core/market/decimal-parse.ts';
import { cloneDelta, type DepthDelta, emptyDelta } from '../session/depth-delta.ts';
import { encode, type Field, varint } from './fixtures/encoder.ts';
import { DEPTH_CHANNEL, dealsFrame, depthFrame, KLINE_FRAME } from './fixtures/messages.ts';
import { emptyHead, FrameParser } from './frame-parser.ts';
import { ProtoReader } from './proto-reader.ts';

const TICK = decimalStep('0.01') as DecimalStep;
const LOT = decimalStep('0.00001') as DecimalStep;

function read(frame: Buffer): DepthDelta | undefined {
  const parser = new FrameParser();
  const head = emptyHead();
  if (!parser.readHead(frame, head) || head.body !== 313) return undefined;
  // A small capacity, so that growth is exercised; its old content must not show.
  const delta = emptyDelta(2);
  delta.bidCount = 2;
  const parsed = parser.depth(frame, head, TICK, LOT, delta);
  return parsed.ok ? cloneDelta(parsed.value) : undefined;
}

const decimal = (places: number) =>
  fc
    .tuple(fc.integer({ min: 0, max: 9_999_999 }), fc.integer({ min: 0, max: 10 ** places - 1 }), fc.nat(3))
    .map(([whole, part, zeros]) => `${whole}.${String(part).padStart(places, '0')}${'0'.repeat(zeros)}`);
const level = fc.tuple(
  decimal(2).filter((price) => Number(price) > 0),
  decimal(5),
);
const levels = fc.array(level, { maxLength: 30, size: 'max' });
const update = fc.record({
  time: fc.integer({ min: 1, max: 4e12 }),
  first: fc.integer({ min: 0, max: 2 ** 50 }),
  length: fc.nat(1000),
  bids: levels,
  asks: levels,
});
/** Fields that MEXC may add one day, and others that are there already. */
const unknown: fc.Arbitrary<Field> = fc.oneof(
  fc.tuple(fc.integer({ min: 20, max: 300 }), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  fc.tuple(fc.constantFrom(2, 3, 4, 316, 536_870_911), fc.string({ maxLength: 40 })),
  fc.tuple(fc.integer({ min: 20, max: 300 }), fc.uint8Array({ minLength: 8, maxLength: 8 }), fc.constant(1 as const)),
  fc.tuple(fc.integer({ min: 20, max: 300 }), fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.constant(5 as const)),
);

describe('ProtoReader', () => {
  it('reads varints, texts and digits that a plain encoder wrote, and steps over the rest', () => {
    const reader = new ProtoReader();
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            unknown,
            fc.tuple(
              fc.nat(99).map((n) => n + 1),
              fc.nat(2 ** 31),
            ),
          ),
          { maxLength: 20 },
        ),
        (fields) => {
          const bytes = encode(fields);
          reader.open(bytes, 0, bytes.length);
          for (const [field, value] of fields) {
            expect(reader.next()).toBe(field);
            if (typeof value === 'string') expect(bytes.toString('utf8', reader.from, reader.to)).toBe(value);
            else if (typeof value === 'number') expect(reader.value).toBe(value);
            else if (typeof value === 'bigint') {
              const unsigned = BigInt.asUintN(64, value);
              expect(reader.value).toBe(unsigned <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(unsigned) : Number.NaN);
            }
          }
          expect([reader.next(), reader.isSound]).toEqual([0, true]);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('knows the largest exact varint, and refuses endless ones, groups, field 0 and lengths beyond the end', () => {
    const reader = new ProtoReader();
    const valueOf = (bytes: Buffer): [number, number, boolean] => {
      reader.open(bytes, 0, bytes.length);
      return [reader.next(), reader.value, reader.isSound];
    };
    const max = BigInt(Number.MAX_SAFE_INTEGER);
    expect(valueOf(Buffer.concat([varint(8n), varint(max)]))).toEqual([1, Number.MAX_SAFE_INTEGER, true]);
    expect(valueOf(Buffer.concat([varint(8n), varint(max + 1n)]))).toEqual([1, Number.NaN, true]);
    expect(valueOf(Buffer.from([8, ...Array<number>(10).fill(0x80), 1]))[2]).toBe(false);
    for (const bytes of [
      [0x0b],
      [0x0c],
      [0x0e],
      [0x0f],
      [0x00, 1],
      [0x02, 0],
      [0x0a, 5, 1],
      [0x09, 1, 2],
      [0x0d, 1],
      [0x0a],
      [0x80],
    ]) {
      expect([valueOf(Buffer.from(bytes))[0], reader.isSound], String(bytes)).toEqual([0, false]);
    }
  });
});

describe('FrameParser', () => {
  it('reads every depth frame that a plain encoder wrote, level by level as core reads decimals', () => {
    fc.assert(
      fc.property(update, ({ time, first, length, bids, asks }) => {
        const delta = read(depthFrame(time, first, first + length, bids, asks)) as DepthDelta;
        expect([delta.firstId, delta.finalId, delta.tsEvent, delta.snapshot]).toEqual([first, first + length, time, false]);
        const expected = (side: readonly (readonly [string, string])[], index: 0 | 1, step: DecimalStep): number[] =>
          side.map((entry) => textToSteps(entry[index], step));
        expect([...delta.bidTicks]).toEqual(expected(bids, 0, TICK));
        expect([...delta.bidLots]).toEqual(expected(bids, 1, LOT));
        expect([...delta.askTicks]).toEqual(expected(asks, 0, TICK));
        expect([...delta.askLots]).toEqual(expected(asks, 1, LOT));
      }),
      { numRuns: 500 },
    );
  });

  it('does not mind the order of fields, or ones that it does not know', () => {
    const body: Field[] = [
      [5, '160'],
      [
        2,
        [
          [2, '1.2345'],
          [9, 7],
          [1, '2302.37'],
        ],
      ],
      [4, '157'],
      [
        1,
        [
          [1, '2302.38'],
          [2, '0'],
        ],
      ],
    ];
    fc.assert(
      fc.property(fc.array(unknown, { maxLength: 6 }), fc.nat(100), (extra, seed) => {
        const fields: Field[] = [[313, body], [6, 1723161255208], [1, DEPTH_CHANNEL], ...extra];
        const turned = fields.map((_, i) => fields[(i + seed) % fields.length] as Field);
        const delta = read(encode(turned)) as DepthDelta;
        expect([delta.firstId, delta.finalId, delta.tsEvent]).toEqual([157, 160, 1723161255208]);
        expect([[...delta.bidTicks], [...delta.bidLots]]).toEqual([[230_237], [123_450]]);
        expect([[...delta.askTicks], [...delta.askLots]]).toEqual([[230_238], [0]]);
      }),
      { numRuns: 300 },
    );
  });

  it('refuses every frame that was cut', () => {
    const frame = depthFrame(1723161255208, 157, 160, [['2302.37', '1']], [['2302.38', '2']]);
    for (let length = 0; length < frame.length; length++) expect(read(frame.subarray(0, length)), `${length}`).toBeUndefined();
    const deals = dealsFrame(1723161255350, [['2302.37', '0.25', 1, 1723161255342]]);
    const parser = new FrameParser();
    const head = emptyHead();
    for (const whole of [deals, KLINE_FRAME]) {
      expect(parser.readHead(whole, head)).toBe(true);
      const bodyFrom = head.bodyFrom;
      // Without its body, or in the middle of it.
      for (let length = bodyFrom; length < whole.length; length++)
        expect(parser.readHead(whole.subarray(0, length), head)).toBe(false);
    }
  });

  it('lets nothing impossible through, whatever bytes are damaged', () => {
    fc.assert(
      fc.property(update, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 5 }), (good, hits) => {
        const frame = depthFrame(good.time, good.first, good.first + good.length, good.bids, good.asks);
        for (const [at, byte] of hits) frame[at % frame.length] = byte;
        const delta = read(frame);
        if (delta === undefined) return;
        expect(delta.firstId <= delta.finalId && Number.isSafeInteger(delta.finalId) && delta.tsEvent >= 0).toBe(true);
        for (const ticks of [...delta.bidTicks, ...delta.askTicks]) expect(ticks > 0 && Number.isSafeInteger(ticks)).toBe(true);
        for (const lots of [...delta.bidLots, ...delta.askLots]) expect(lots >= 0 && Number.isSafeInteger(lots)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  it('refuses levels off the grid, without a price or without a quantity, and updates without versions or time', () => {
    const levelOf = (fields: Field[]): Buffer =>
      encode([
        [1, DEPTH_CHANNEL],
        [6, 1],
        [
          313,
          [
            [2, fields],
            [4, '1'],
            [5, '2'],
          ],
        ],
      ]);
    expect(
      read(
        levelOf([
          [1, '1.00'],
          [2, '1'],
        ]),
      )?.bidCount,
    ).toBe(1);
    for (const fields of [
      [
        [1, '1.005'],
        [2, '1'],
      ],
      [
        [1, '0'],
        [2, '1'],
      ],
      [
        [1, '-1'],
        [2, '1'],
      ],
      [
        [1, '1e3'],
        [2, '1'],
      ],
      [[1, '1']],
      [[2, '1']],
      [
        [1, 7],
        [2, '1'],
      ],
    ] as Field[][]) {
      expect(read(levelOf(fields)), JSON.stringify(fields)).toBeUndefined();
    }
    for (const body of [
      [[4, '1']],
      [[5, '2']],
      [
        [4, '3'],
        [5, '2'],
      ],
      [
        [4, 'x'],
        [5, '2'],
      ],
      [
        [4, '1'],
        [5, '99999999999999999'],
      ],
    ] as Field[][]) {
      expect(
        read(
          encode([
            [1, DEPTH_CHANNEL],
            [6, 1],
            [313, body],
          ]),
        ),
        JSON.stringify(body),
      ).toBeUndefined();
    }
    expect(
      read(
        encode([
          [1, DEPTH_CHANNEL],
          [
            313,
            [
              [4, '1'],
              [5, '2'],
            ],
          ],
        ]),
      ),
    ).toBeUndefined();
    // A frame that tells only when it was made.
    expect(
      read(
        encode([
          [1, DEPTH_CHANNEL],
          [5, 9],
          [
            313,
            [
              [4, '1'],
              [5, '2'],
            ],
          ],
        ]),
      )?.tsEvent,
    ).toBe(9);
  });
});
