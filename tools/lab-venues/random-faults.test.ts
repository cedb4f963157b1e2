import { describe, expect, it } from 'vitest';
import { RANDOM_EVERY_MS, randomFaults } from '../../lab/faults/random.ts';
import { LabBench } from './lab-bench.ts';
import { BINANCE, BYBIT, DERIBIT, MEXC } from './venues.ts';

/** Faults a venue; a thousand faults take about two minutes. */
const FAULTS = Number(process.env['COBALT_LAB_FAULTS'] ?? 25);
/** The recording of the bench has room for as many. */
const FAULTS_A_RUN = 500;
/** Market milliseconds within which a book is live again after the last fault: the longest fault, silence, back-off and a snapshot. */
const RESYNC_WITHIN_MS = 120_000;

describe('random faults', () => {
  it.each([BINANCE, BYBIT, DERIBIT, MEXC])(
    'never leave a wrong book live on $venue, and are all recovered from',
    async (venue) => {
      let checked = 0;
      for (let done = 0; done < FAULTS; done += FAULTS_A_RUN) {
        const count = Math.min(FAULTS_A_RUN, FAULTS - done);
        const startAt = new LabBench(venue).startAt;
        const bench = await new LabBench(venue, randomFaults(count, 11 + done, startAt, [venue.venue])).open();
        try {
          await bench.after(count * RANDOM_EVERY_MS);
          await bench.passing(() => bench.state === 'live', RESYNC_WITHIN_MS);
          expect(bench.wrong).toEqual([]);
          const { tradeHole, missedTrades } = bench.session.health(bench.instrument);
          const { missing, extra } = bench.tradeDifference();
          expect(extra).toBe(0);
          // A venue's REST reaches back only so far: what it no longer tells is missing, and said to be.
          if (tradeHole === undefined) expect([missing, missedTrades]).toEqual([0, 0]);
          checked += bench.checked;
        } finally {
          await bench.close();
        }
      }
      expect(checked).toBeGreaterThan(FAULTS * 10);
    },
    60_000 + FAULTS * 1_000,
  );
});
