import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { BTC, ETH } from '../fixtures/synthetic.ts';
import { minuteTrades } from '../simulation/minute-trades.ts';
import { MINUTE_MS } from './recorded-minute.ts';
import { readRecordings } from './read-parquet.ts';

const SAMPLE = path.resolve(import.meta.dirname, '../../resources/sample');

describe('the sample recording', () => {
  it('has 60 days of both symbols with the one outage of 25 April 2020, and plays exactly', async () => {
    const recordings = await readRecordings([ETH, BTC], ['/no/such/folder', SAMPLE]);
    if (!recordings.ok) throw new Error(recordings.error.message);
    for (const recording of recordings.value) {
      const { openTime } = recording.columns;
      expect([recording.startTime, recording.endTime, recording.length]).toEqual([
        Date.UTC(2020, 2, 5),
        Date.UTC(2020, 4, 4),
        86_250,
      ]);
      const holes = Array.from(openTime.subarray(1), (time, i) => [openTime[i] as number, time - (openTime[i] as number)]).filter(
        ([, step]) => step !== MINUTE_MS,
      );
      expect(holes).toEqual([[Date.UTC(2020, 3, 25, 1, 59), 151 * MINUTE_MS]]);
      expect(recording.indexAt(Date.UTC(2020, 3, 25, 3))).toBeUndefined();
      for (let index = 0; index < recording.length; index += 997) {
        const minute = recording.minute(index);
        const { price, lots, count } = minuteTrades(1, recording, minute);
        expect([price[0], Math.max(...price), Math.min(...price), price[count - 1]]).toEqual([
          minute.open,
          minute.high,
          minute.low,
          minute.close,
        ]);
        expect(lots.reduce((sum, size) => sum + size, 0)).toBe(minute.lots);
        expect(recording.tradeCount(index)).toBe(count);
      }
    }
    // Facts of the day of the crash, told apart from the file: 13 March 2020, 02:16 UTC.
    const [eth, btc] = recordings.value.map((recording) =>
      recording.minute(recording.indexAt(Date.UTC(2020, 2, 13, 2, 16)) as number),
    );
    expect([eth?.low, btc?.low]).toEqual([8_600, 378_213]);
  });

  it('says which file is missing or damaged', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'lab-data-'));
    try {
      expect(await readRecordings([ETH], [folder])).toMatchObject({
        ok: false,
        error: { code: 'LAB_DATA_MISSING', message: expect.stringContaining(folder) },
      });
      writeFileSync(path.join(folder, 'ETHUSDT-1m.parquet'), 'not parquet');
      expect(await readRecordings([ETH], [folder])).toMatchObject({
        ok: false,
        error: { code: 'LAB_DATA_DAMAGED', message: expect.stringContaining('ETHUSDT-1m.parquet') },
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
