import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { SplitMix32 } from '../../../core/base/rng.ts';
import type { VenueMarketData } from '../../ports/venue.ts';
import { LoopbackVenue } from './loopback-venue.ts';
import type { VenueConformance } from './venue-conformance.ts';

export function restConformance(venue: VenueConformance): void {
  describe('REST', () => {
    let server: LoopbackVenue;
    let data: VenueMarketData;
    beforeEach(async () => {
      server = new LoopbackVenue(venue, new ManualClock());
      await server.listen();
      data = venue.create({
        restUrl: server.origin,
        streamUrl: server.streamUrl,
        requestTimeoutMs: 1_000,
        silenceMs: 1_000,
        clock: new ManualClock(0),
        wall: new ManualClock(1_000_000),
        rng: new SplitMix32(1),
        bucketWidthOf: () => 1,
        log: { info: () => {}, warn: () => {} },
      });
    });
    afterEach(async () => server.close());

    it('tells the venue’s time in milliseconds, or that it tells none', async () => {
      const { serverTime } = venue.rest;
      expect(await data.serverTime()).toMatchObject(
        serverTime === 'untold' ? { ok: false, error: { code: 'VENUE_REFUSED' } } : { ok: true, value: serverTime },
      );
    });

    it('knows steps, smallest value and multiplier of instruments, and names those that the venue does not list', async () => {
      const symbols = venue.rest.instruments.map(({ symbol }) => symbol);
      expect(await data.instruments(symbols)).toEqual({ ok: true, value: venue.rest.instruments });
      const failed = await data.instruments([symbols[0] as string, venue.rest.unknownSymbol]);
      expect(failed).toMatchObject({ ok: false, error: { code: 'VENUE_UNKNOWN_SYMBOL' } });
      expect(!failed.ok && failed.error.message).toContain(venue.rest.unknownSymbol);
      expect(await data.instruments(['not a symbol'])).toMatchObject({ ok: false, error: { code: 'VENUE_UNKNOWN_SYMBOL' } });
    });

    it('lists what can be followed, sorted and each once, and nothing else', async () => {
      const listed = await data.symbols();
      const symbols = listed.ok ? listed.value : [];
      expect(symbols).toEqual([...new Set(symbols)].sort());
      expect(symbols).toEqual(expect.arrayContaining(venue.rest.instruments.map(({ symbol }) => symbol)));
      expect(symbols).not.toContain(venue.rest.unknownSymbol);
      for (const symbol of symbols) expect(await data.instruments([symbol])).toMatchObject({ ok: true, value: [{ symbol }] });
    });

    it('tells why there is no list when the venue cannot be reached', async () => {
      await server.close();
      expect(await data.symbols()).toMatchObject({ ok: false, error: { code: 'VENUE_UNREACHABLE' } });
    });

    const { candles } = venue.rest;
    it.skipIf(candles === undefined)('gives candles that opened in [from, to), oldest first', async () => {
      if (candles === undefined) return;
      const { instrument, timeframe, from, to, expected } = candles;
      expect(await data.candles(instrument, timeframe, from, to, 1_000)).toEqual({ ok: true, value: expected });
      expect(await data.candles(instrument, timeframe, from, from, 1_000)).toEqual({ ok: true, value: [] });
    });
  });
}
