import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectColumns, numberOf, timeOf } from './import-columns.ts';
import { positionsOf, tradeReader } from './import-rows.ts';

const millisecond = fc.integer({ min: Date.UTC(2009, 0, 1), max: Date.UTC(2099, 11, 31) });

describe('timeOf', () => {
  it('reads every unit to the millisecond, and takes none for another', () => {
    fc.assert(
      fc.property(millisecond, fc.nat(999), (ms, micros) => {
        const texts = { s: String(Math.floor(ms / 1_000)), ms: String(ms), us: String(ms * 1_000 + micros), ns: `${ms}000000` };
        expect(timeOf(texts.s, 's')).toBe(Math.floor(ms / 1_000) * 1_000);
        expect(timeOf(texts.ms, 'ms')).toBe(ms);
        expect(timeOf(texts.us, 'us')).toBe(ms);
        expect(timeOf(texts.ns, 'ns')).toBe(ms);
        for (const written of ['s', 'ms', 'us', 'ns'] as const) {
          for (const read of ['s', 'ms', 'us', 'ns'] as const) {
            if (read !== written) expect(timeOf(texts[written], read)).toBeUndefined();
          }
        }
      }),
    );
  });

  it('reads dates as the platform does, in UTC unless a zone stands', () => {
    fc.assert(
      fc.property(
        millisecond,
        fc.constantFrom('Z', '', '+00', '+02:00', '-0530'),
        fc.constantFrom('T', ' '),
        (ms, zone, between) => {
          const text = new Date(ms).toISOString().slice(0, -1).replace('T', between);
          const offset = { Z: 0, '': 0, '+00': 0, '+02:00': 7_200_000, '-0530': -19_800_000 }[zone] as number;
          const read = timeOf(text + zone, 'iso');
          if (ms - offset >= Date.UTC(2009, 0, 1)) expect(read).toBe(ms - offset);
        },
      ),
    );
    expect(timeOf('2024-02-29', 'iso')).toBe(Date.UTC(2024, 1, 29));
    for (const wrong of ['2023-02-29', '2024-13-01', '2024-01-01 25:00:00', '01/02/2024', '', 'now', '1e3']) {
      expect([wrong, timeOf(wrong, 'iso')]).toEqual([wrong, undefined]);
    }
  });
});

describe('numberOf', () => {
  it('takes plain decimals and nothing else', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(numberOf(String(value))).toBe(Number(String(value)));
      }),
    );
    for (const text of ['', ' ', '1,5', '0x10', 'NaN', 'Infinity', '1 2', '--1', '.', 'e5'])
      expect([text, numberOf(text)]).toEqual([text, undefined]);
  });

  it('reads the same decimals with a comma, and then no point', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = String(value);
        expect(numberOf(text.replace('.', ','), ',')).toBe(numberOf(text));
        expect(numberOf(text, ',')).toBe(text.includes('.') ? undefined : numberOf(text));
      }),
    );
    for (const text of ['1.234,56', '1,234,56', '1,5.0', ',', '1 234,5'])
      expect([text, numberOf(text, ',')]).toEqual([text, undefined]);
  });
});

describe('detectColumns', () => {
  it('knows the names that venues use, in any order and case', () => {
    const rows = [0, 1, 2].map((i) => ['12', String(1_700_000_000_000 + i * 300_000), '1', '2', '0.5', '1.5']);
    expect(detectColumns(['Volume', 'Open_Time', 'OPEN', 'High', 'low', 'Close'], rows)).toEqual({
      kind: 'candles',
      timeUnit: 'ms',
      timeframe: '5m',
      decimalMark: '.',
      mapping: { time: 'Open_Time', open: 'OPEN', high: 'High', low: 'low', close: 'Close', volume: 'Volume' },
    });
    expect(detectColumns(['qty', 'price', 'time', 'side', 'id'], [['1', '2', '1700000000000000', 'SELL', '7']])).toEqual({
      kind: 'trades',
      timeUnit: 'us',
      timeframe: undefined,
      decimalMark: '.',
      mapping: { time: 'time', price: 'price', quantity: 'qty', side: 'side', id: 'id' },
    });
  });

  it('sees a decimal comma, but takes no thousands for fractions', () => {
    const markOf = (...cells: string[]) => detectColumns(['time', 'price', 'qty'], [['1700000000', ...cells]]).decimalMark;
    expect([markOf('1234,56', '1'), markOf('1234,567', '0,25'), markOf('0,125', '2')]).toEqual([',', ',', ',']);
    expect([markOf('1234.56', '1'), markOf('1234', '2'), markOf('1,234', '12,500'), markOf('1,234.56', '1.5')]).toEqual([
      '.',
      '.',
      '.',
      '.',
    ]);
    const rows = [0, 1, 2].map((i) => ['01.01.2024', String(1_700_000_040 + i * 60), '1,5', '1,75', '1,25', '1,5']);
    expect(detectColumns(['day', 'a', 'b', 'c', 'd', 'e'], rows)).toMatchObject({
      kind: 'candles',
      timeUnit: 's',
      timeframe: '1m',
      decimalMark: ',',
    });
    expect(timeOf('1700000040,5', 's')).toBe(1_700_000_040_500);
    expect(timeOf('2024-01-01 00:00:00,250', 'iso')).toBe(Date.UTC(2024, 0, 1) + 250);
  });

  it('sees the unit and the step past a few broken rows, and none where many are broken', () => {
    const rows = (broken: number) =>
      Array.from({ length: 50 }, (_, i) => [i < broken ? '2019-13-45' : String(1_700_000_040_000 + i * 60_000), '1', '1']);
    const detected = (broken: number) => detectColumns(['time', 'open', 'close'], rows(broken));
    expect(detected(3)).toMatchObject({ timeUnit: 'ms', timeframe: '1m' });
    expect(detected(20)).toMatchObject({ timeUnit: undefined, timeframe: undefined });
  });
});

describe('tradeReader', () => {
  it('reads decimals as they are said to be written, and says how when they are not', () => {
    const spec = {
      kind: 'trades' as const,
      mapping: { time: 't', price: 'p', quantity: 'q' },
      timeUnit: 's' as const,
      decimalMark: ',' as const,
    };
    const positions = positionsOf(spec, ['t', 'p', 'q']);
    if (typeof positions === 'string') throw new Error(positions);
    const read = tradeReader(spec, positions);
    expect(read(['1700000000', '1234,56', '0,5'])).toMatchObject({ value: { price: 1_234.56, quantity: 0.5 } });
    expect(read(['1700000000', '1234.56', '1'])).toEqual({
      error: { column: 'p', expected: 'a price above 0, with a decimal comma', actual: '1234.56' },
    });
    expect(tradeReader({ ...spec, decimalMark: '.' }, positions)(['1700000000', '1234,56', '1'])).toEqual({
      error: { column: 'p', expected: 'a price above 0, with a decimal point', actual: '1234,56' },
    });
  });

  it('numbers trades without ids within their millisecond and infers sides by the tick test', () => {
    const spec = { kind: 'trades' as const, mapping: { time: 't', price: 'p', quantity: 'q' }, timeUnit: 's' as const };
    const positions = positionsOf(spec, ['t', 'p', 'q']);
    if (typeof positions === 'string') throw new Error(positions);
    const read = tradeReader(spec, positions);
    const trades = [
      ['1700000000', '10', '1'],
      ['1700000000', '11', '1'],
      ['1700000000', '11', '1'],
      ['1700000001', '9', '1'],
      ['1700000001', '9', '1'],
    ].map((row) => read(row));
    expect(trades.map((trade) => 'value' in trade && [trade.value.id, trade.value.side])).toEqual([
      [0, 'buy'],
      [1, 'buy'],
      [2, 'buy'],
      [0, 'sell'],
      [1, 'sell'],
    ]);
  });
});
