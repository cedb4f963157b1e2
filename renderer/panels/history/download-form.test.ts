import { describe, expect, it } from 'vitest';
import { dayOfText } from '../../ui/day.ts';
import { candlesOf, checkDownload, type DownloadForm, presetDays } from './download-form.ts';

const NOW = Date.UTC(2020, 3, 26, 13, 30);
const FORM: DownloadForm = { symbol: 'ETH/USDT', timeframes: ['1h', '1m'], from: '2020-04-20', to: '2020-04-26' };

describe('the download form', () => {
  it('asks for whole days, both included, shortest timeframe first', () => {
    expect(checkDownload(FORM, NOW)).toEqual({
      ok: true,
      request: { symbol: 'ETH/USDT', timeframes: ['1m', '1h'], from: Date.UTC(2020, 3, 20), to: Date.UTC(2020, 3, 27) },
    });
  });

  it('says what is wrong with each field', () => {
    const problems = (change: Partial<DownloadForm>) => {
      const checked = checkDownload({ ...FORM, ...change }, NOW);
      return checked.ok ? [] : Object.keys(checked.problems);
    };
    expect(problems({ timeframes: [] })).toEqual(['timeframes']);
    expect(problems({ from: '', to: '2020-4-1' })).toEqual(['from', 'to']);
    expect(problems({ from: '2020-04-27', to: '2020-04-30' })).toEqual(['from']);
    expect(problems({ from: '2020-04-20', to: '2020-04-19' })).toEqual(['to']);
    expect(problems({ from: '2020-04-26', to: '2020-04-26' })).toEqual([]);
  });

  it('takes only days that there are', () => {
    expect(['2020-02-29', '2021-02-29', '2020-13-01', '20-01-01'].map((text) => dayOfText(text) !== undefined)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it('knows the last days', () => {
    expect(presetDays(7, NOW)).toEqual({ from: '2020-04-20', to: '2020-04-26' });
    expect(presetDays(1, NOW)).toEqual({ from: '2020-04-26', to: '2020-04-26' });
  });

  it('counts what is downloaded: derived candles as those they are made of, and none of the future', () => {
    const from = NOW - 3_600_000;
    const count = (timeframes: DownloadForm['timeframes']) =>
      candlesOf({ timeframes: [...timeframes], from, to: NOW + 86_400_000 }, NOW);
    expect(count(['1m'])).toBe(60);
    expect(count(['1m', '5m', '15m'])).toBe(60);
    expect(count(['1s', '1h'])).toBe(3_601);
    expect(candlesOf({ timeframes: ['1m'], from: NOW + 1, to: NOW + 60_001 }, NOW)).toBe(0);
  });
});
