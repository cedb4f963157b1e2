import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cancel } from '../../../core/base/clock.ts';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { SplitMix32 } from '../../../core/base/rng.ts';
import type { BookState } from '../../../core/contracts/market-views.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { BookChange, MarketSession } from '../../ports/venue.ts';
import { BookMirror, levelsOfBook } from './book-mirror.ts';
import { LoopbackVenue } from './loopback-venue.ts';
import { numbersOf, numbersOfText } from './market-script.ts';
import type { VenueConformance } from './venue-conformance.ts';

/** The whole way, over real sockets on loopback; time passes as they are read. */
export function sessionConformance(venue: VenueConformance): void {
  describe('session on loopback', { timeout: 120_000 }, () => {
    const { instrument } = venue;
    let server: LoopbackVenue;
    let session: MarketSession;
    let states: BookState[];
    let reasons: string[];
    let trades: Trade[];
    let mirror: BookMirror;
    let time: ManualClock;
    /** Changes after which the book made of them was not the session's. */
    let unlike: BookChange[];

    function open(rotateAfterMs?: number, silenceMs = 2_000): void {
      states = [];
      reasons = [];
      trades = [];
      mirror = new BookMirror();
      session = venue
        .create({
          restUrl: server.origin,
          streamUrl: server.streamUrl,
          requestTimeoutMs: 2_000,
          silenceMs,
          clock: time,
          wall: time,
          rng: new SplitMix32(7),
          bucketWidthOf: () => Number(instrument.tickSize) * 10,
          log: { info: () => {}, warn: () => {} },
          ...(rotateAfterMs === undefined ? {} : { rotateAfterMs }),
        })
        .open([instrument], {
          onTrade: (_, trade) => trades.push(trade),
          onBook: () => {},
          onBookState: (_, state, reason) => {
            states.push(state);
            reasons.push(reason);
          },
          onKline: () => {},
          onDepth: (_, change, __, tsReceived, book) => {
            mirror.apply(change);
            const isLike = JSON.stringify(levelsOfBook(book)) === JSON.stringify(mirror.levels);
            if (!isLike || tsReceived !== time.now()) unlike.push(change);
          },
        });
    }

    const live = (): boolean => session.health(instrument).book === 'live';
    async function expectCurrent(): Promise<void> {
      server.pause();
      const newest = numbersOfText(server.script.text(server.script.ordinal), Number(instrument.contractMultiplier));
      await server.passing(() => JSON.stringify(numbersOf(session.book(instrument))) === JSON.stringify(newest));
      expect(mirror.levels).toEqual(levelsOfBook(session.book(instrument)));
    }

    beforeEach(async () => {
      time = new ManualClock(Date.now());
      unlike = [];
      server = new LoopbackVenue(venue, time);
      await server.listen();
    });
    afterEach(async () => {
      await session.close();
      await server.close();
      expect(unlike).toEqual([]);
    });

    it('goes live, resyncs after a gap, survives a lost connection and closes for good', async () => {
      open();
      server.run();
      await server.passing(live);
      server.pause();
      server.update(true);
      server.update(true);
      server.update();
      server.update();
      server.run();
      await server.passing(() => states.includes('stale'));
      await server.passing(live);
      await expectCurrent();
      server.run();
      for (const client of server.clients) client.terminate();
      await server.passing(() => !live());
      await server.passing(live);
      await expectCurrent();
      expect(session.health(instrument).resyncs).toBeGreaterThanOrEqual(2);
      await session.close();
      await server.passing(() => server.clients.size === 0);
      expect(session.health(instrument)).toMatchObject({ connection: 'closed', book: 'stale' });
    });

    it('replaces an ageing connection without a stale moment, and delivers each trade once', async () => {
      open(300);
      server.run();
      await server.passing(live);
      const stop: Cancel = time.every(20, () => {
        for (const { frame } of venue.trades) server.send(frame);
      });
      await server.passing(() => (session.health(instrument).rotations ?? 0) > 0);
      stop();
      await expectCurrent();
      expect(states).toEqual(['syncing', 'live']);
      // The second connection's book begins the chain anew.
      expect(mirror.snapshots).toBeGreaterThanOrEqual(2);
      expect(mirror.changes).toBeGreaterThan(0);
      const expected = venue.trades.flatMap((trade) => trade.expected.map(({ id }) => id));
      await server.passing(() => trades.length >= expected.length);
      expect(trades.map(({ id }) => id)).toEqual(expected);
    });

    describe.skipIf(venue.alive === undefined)('while nothing changes', () => {
      /** Far more than half of the silence that a connection is allowed lies between two signs of life, or 100 ms. */
      const SILENCE_MS = 600;
      const SIGNS = 10;
      const staleReason = (): string | undefined => reasons[states.indexOf('stale')];
      beforeEach(async () => {
        const { frame = '', probe } = venue.alive ?? {};
        if (probe === undefined) time.every(100, () => server.sign(frame));
        open(undefined, SILENCE_MS);
        // A book that begins with REST is live once an update followed.
        server.run();
        await server.passing(live);
        server.pause();
        const before = server.signs;
        await server.passing(() => server.signs >= before + SIGNS);
      });

      it('keeps a book live as long as the connection answers, and gives up one that does not', async () => {
        expect(states).toEqual(['syncing', 'live']);
        server.update();
        await expectCurrent();
        server.mute = true;
        const mutedAt = time.now();
        await server.passing(() => states.includes('stale'));
        expect(time.now() - mutedAt).toBeLessThanOrEqual(SILENCE_MS * 1.5);
        expect(staleReason()).toMatch(/^nothing received for \d+ ms/);
        server.mute = false;
        server.run();
        await server.passing(live);
        await expectCurrent();
      });

      it('doubts a book that rests while trades go on', async () => {
        const [trade] = venue.trades;
        server.send(trade?.frame ?? '');
        const sentAt = time.now();
        await server.passing(() => states.includes('stale'));
        expect(time.now() - sentAt).toBeLessThanOrEqual(SILENCE_MS * 1.5);
        expect(staleReason()).toMatch(/^a trade, but no depth update for \d+ ms/);
        server.run();
        await server.passing(live);
        expect(session.health(instrument).resyncs).toBe(1);
      });
    });
  });
}
