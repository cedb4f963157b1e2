import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { BaseInput } from './base-input.ts';
import { BaseInputBuilder } from './builder.ts';
import { builderAt, emptySeries, feed, marketHistory, type MarketHistory, momentAt, WHOLE } from './market-history.fixture.ts';
import { BLOCKS } from './schema.ts';
import { digestOf, paramsOf, referenceOf } from './reference.ts';

const END = 1_600_000_000_000;
/** With what follows after them in the history, so that there is something to look ahead at. */
const LATER = END + 50_000;

let history: MarketHistory;
beforeAll(() => {
  history = marketHistory(7, LATER, { ...WHOLE, missing: 0.02, widthChangedAt: 200 });
});

function builtAt(builder: BaseInputBuilder, t: number, params?: Float64Array): BaseInput {
  const input = new BaseInput();
  builder.build({ ...momentAt(history, t), params }, input);
  return input;
}

/** The first block of which a bit differs; undefined when none does. */
function firstDifference(one: BaseInput, other: BaseInput): string | undefined {
  const [a, b] = [one, other].map(({ values }) => new Uint32Array(values.buffer)) as [Uint32Array, Uint32Array];
  const at = a.findIndex((word, i) => word !== b[i]);
  return at < 0 ? undefined : BLOCKS.findLast(({ offset }) => offset <= at)?.name;
}

describe('base input', () => {
  it('does not change by a bit when everything after t is there, deleted or poisoned', () => {
    const whole = emptySeries();
    feed(whole, history, 0, LATER);
    const builder = new BaseInputBuilder(whole);
    fc.assert(
      fc.property(fc.integer({ min: END - 3_000, max: END }), (t) => {
        const truncated = builtAt(builderAt(history, t), t);
        expect(firstDifference(builtAt(builder, t), truncated)).toBeUndefined();
        const poisoned = emptySeries();
        feed(poisoned, history, 0, t);
        for (const [series, length] of [
          [poisoned.seconds, 1_000],
          [poisoned.minutes, 60_000],
          [poisoned.hours, 3_600_000],
          [poisoned.days, 86_400_000],
          [poisoned.reference, 1_000],
        ] as const) {
          const openTime = Math.floor(t / length) * length;
          series?.push({ openTime, open: Number.NaN, high: 1e9, low: -1, close: 1e9, volume: 1e12 });
        }
        const last = history.book.at(-1);
        if (last !== undefined)
          poisoned.cob.push(Math.floor(t / 1_000) * 1_000, { ...last.view, mid: 1e9, bucketWidth: 7 }, undefined);
        expect(firstDifference(builtAt(new BaseInputBuilder(poisoned), t), truncated)).toBeUndefined();
      }),
      { numRuns: 4 },
    );
  });

  it('is the same built live, candle by candle, and from columns, at any time between and after a restart', () => {
    const from = END - 400_000;
    let live = emptySeries();
    let fed = from;
    feed(live, history, 0, from);
    let builder = new BaseInputBuilder(live);
    for (let k = 0; k <= 8; k++) {
      const t = from + 50_000 * k + 137;
      feed(live, history, fed, t);
      fed = t;
      expect(firstDifference(builtAt(builder, t), builtAt(builderAt(history, t), t)), `at ${t}`).toBeUndefined();
      if (k !== 4) continue;
      // The process ends here; the next one begins with what is stored, and its rings are filled newest first.
      live = emptySeries();
      feed(live, history, t - 3_000, t);
      feed(live, history, 0, t - 3_000);
      builder = new BaseInputBuilder(live);
    }
  });

  it('is rebuilt bit for bit with parameters that went through JSON, from what its reference allows', () => {
    const t = END - 60_000;
    const input = builtAt(builderAt(history, t), t);
    const { account, outputs } = momentAt(history, t);
    const reference = JSON.parse(JSON.stringify(referenceOf(input, account, outputs)));
    const params = paramsOf(reference);
    if (!params.ok) throw new Error(params.error.message);
    const again = builtAt(builderAt(history, t), t, params.value);
    expect(firstDifference(again, input)).toBeUndefined();
    expect(digestOf(again.values)).toBe(reference.digest);
    again.values[5_000] = (again.values[5_000] as number) + 1e-6;
    expect(digestOf(again.values)).not.toBe(reference.digest);
  });

  it('depends on a candle that is corrected, and on its indicators, as if it had been so from the beginning', () => {
    const t = END;
    const live = emptySeries();
    feed(live, history, 0, t);
    const builder = new BaseInputBuilder(live);
    const before = builtAt(builder, t);
    const wrong = history.candles['1s'].findLast(({ openTime }) => openTime < t - 100_000);
    if (wrong === undefined) throw new Error('the history has seconds');
    const right = { ...wrong, close: wrong.close + 0.01, high: wrong.high + 0.02 };
    live.seconds.push(right);
    const corrected = builtAt(builder, t);
    const known = {
      ...history,
      candles: { ...history.candles, '1s': history.candles['1s'].map((c) => (c === wrong ? right : c)) },
    };
    expect(firstDifference(corrected, before)).toBe('candles.1s');
    expect(firstDifference(corrected, builtAt(builderAt(known, t), t))).toBeUndefined();
  });

  it('refuses a time that the rings do not reach, and a structure that knows more than it may', () => {
    const whole = emptySeries();
    feed(whole, history, 0, LATER);
    const builder = new BaseInputBuilder(whole);
    expect(builder.covers(LATER - 3_600_000)).toBe(false);
    expect(() => builder.build(momentAt(history, LATER - 3_600_000), new BaseInput())).toThrow('ETH/USDT: the rings begin after');
    const { structure } = momentAt(history, END);
    const t = END - 120_000;
    expect(() => builderAt(history, t).build({ ...momentAt(history, t), structure }, new BaseInput())).toThrow(
      'market structure',
    );
  });

  it('leaves out candles that open between two periods', () => {
    const t = END;
    const live = emptySeries();
    feed(live, history, 0, t);
    const builder = new BaseInputBuilder(live);
    const before = builtAt(builder, t);
    const day = history.candles['1d'].at(-2);
    if (day === undefined) throw new Error('the history has days');
    live.days.push({ ...day, openTime: day.openTime + 57_600_000, high: 1e6 });
    expect(firstDifference(builtAt(builder, t), before)).toBeUndefined();
  });

  it('leaves out an account and outputs of later times', () => {
    const t = END;
    const builder = builderAt(history, t);
    const told = builtAt(builder, t);
    const moment = momentAt(history, t);
    const input = new BaseInput();
    const later = { ...moment.account, at: t + 1 } as NonNullable<typeof moment.account>;
    builder.build({ ...moment, account: later, outputs: moment.outputs.map((o) => ({ ...o, at: t })) }, input);
    expect([...input.block('context').subarray(13)]).toEqual([0, 0, 0, 0, 0]);
    expect(input.block('lastOutputs').every((value) => value === 0)).toBe(true);
    expect(told.block('context')[13]).toBe(1);
    expect(told.block('lastOutputs')[20]).toBe(1);
  });
});
