import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bookConformance } from './book-conformance.ts';
import { MarketScript } from './market-script.ts';
import { restConformance } from './rest-conformance.ts';
import { sessionConformance } from './session-conformance.ts';
import type { Recording, VenueConformance } from './venue-conformance.ts';
import { WireBench } from './wire-bench.ts';

const RECORDINGS = new URL('../../../../shared/data/market/', import.meta.url);

/** The tests that every venue passes, on messages written by hand always and on recordings where they are present. */
export function runVenueConformance(venue: VenueConformance, recordings: readonly Recording[] = []): void {
  describe(`${venue.name} conformance`, () => {
    bookConformance(venue);

    describe('trades and klines', () => {
      it('are read with the taker’s side, base quantities and times in milliseconds', () => {
        const bench = new WireBench(venue);
        bench.feed(...(venue.book.opening ?? []));
        for (const { frame } of venue.trades) bench.feed(frame);
        const expected = venue.trades.flatMap((trade) => trade.expected);
        expect(bench.trades).toEqual(expected.map((trade) => ({ ...trade, tsReceived: bench.tsReceived })));
        expect(expected.length).toBeGreaterThan(0);
        for (const { frame } of venue.klines) bench.feed(frame);
        expect(bench.klines).toEqual(venue.klines.map(({ candle, closed, timeframe }) => ({ candle, closed, timeframe })));
        expect([bench.unreadable, bench.odd]).toEqual([[], []]);
      });

      it('pass over what is no market data, and tell of what is unknown', () => {
        const bench = new WireBench(venue);
        bench.feed(...(venue.book.opening ?? []), ...venue.silent);
        expect([bench.unreadable, bench.odd, bench.heard]).toEqual([[], [], 0]);
        bench.feed('{"surely":"unknown"}');
        expect(bench.odd.length).toBe(1);
      });

      it('count every message of the instrument once', () => {
        const bench = new WireBench(venue);
        const script = new MarketScript(venue.instrument, venue.book);
        bench.feed(...(venue.book.opening ?? []));
        script.change('bid', 1, 5);
        bench.feed(script.delta(), ...venue.trades.map(({ frame }) => frame), ...venue.klines.map(({ frame }) => frame));
        expect(bench.heard).toBe(1 + venue.trades.length + venue.klines.length);
      });
    });

    restConformance(venue);
    sessionConformance(venue);

    describe.skipIf(recordings.length === 0)('recordings', () => {
      for (const { title, files, test } of recordings) {
        it(title, { timeout: 120_000 }, (context) => {
          if (!files.every((file) => existsSync(new URL(file, RECORDINGS)))) context.skip('skipped: recordings not present');
          test(linesOf);
        });
      }
    });
  });
}

function linesOf(file: string): readonly string[] {
  const bytes = readFileSync(new URL(file, RECORDINGS));
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString().trimEnd().split('\n');
}
