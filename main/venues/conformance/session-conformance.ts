import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Cancel, Clock } from '../../../core/base/clock.ts';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { SplitMix32 } from '../../../core/base/rng.ts';
import type { BookState } from '../../../core/contracts/market-views.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { MarketSession } from '../../ports/venue.ts';
import { BookMirror, levelsOfBook } from './book-mirror.ts';
import { LoopbackVenue } from './loopback-venue.ts';
import { numbersOf, numbersOfText } from './market-script.ts';
import type { VenueConformance } from './venue-conformance.ts';

/** The machine's clock, for the real sockets of these tests. */
const wall: Clock = {
  now: () => Date.now(),
  after(delayMs, task): Cancel {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
  every(periodMs, task): Cancel {
    const timer = setInterval(task, periodMs);
    return () => clearInterval(timer);
  },
};

/** The whole way, over real sockets on loopback. */
export function sessionConformance(venue: VenueConformance): void {
  describe('session on loopback', { timeout: 120_000 }, () => {
    const { instrument } = venue;
    let server: LoopbackVenue;
    let session: MarketSession;
    let states: BookState[];
    let reasons: string[];
    let trades: Trade[];
    let mirror: BookMirror;

    function open(rotateAfterMs?: number, silenceMs = 2_000, clock: Clock = wall): void {
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
          clock,
          wall: clock,
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
            expect(tsReceived).toBeGreaterThan(0);
            expect(levelsOfBook(book)).toEqual(mirror.levels);
          },
        });
    }

    const until = (condition: () => boolean): Promise<void> =>
      vi.waitFor(() => expect(condition()).toBe(true), { timeout: 60_000, interval: 5 });
    const live = (): boolean => session.health(instrument).book === 'live';
    async function expectCurrent(): Promise<void> {
      server.pause();
      await vi.waitFor(
        () =>
          expect(numbersOf(session.book(instrument))).toEqual(
            numbersOfText(server.script.text(server.script.ordinal), Number(instrument.contractMultiplier)),
          ),
        { timeout: 60_000 },
      );
      expect(mirror.levels).toEqual(levelsOfBook(session.book(instrument)));
    }

    beforeEach(async () => {
      server = new LoopbackVenue(venue);
      await server.listen();
    });
    afterEach(async () => {
      await session.close();
      await server.close();
    });

    it('goes live, resyncs after a gap, survives a lost connection and closes for good', async () => {
      open();
      server.run();
      await until(live);
      server.pause();
      server.update(true);
      server.update(true);
      server.update();
      server.update();
      server.run();
      await until(() => states.includes('stale'));
      await until(live);
      await expectCurrent();
      server.run();
      for (const client of server.clients) client.terminate();
      await until(() => !live());
      await until(live);
      await expectCurrent();
      expect(session.health(instrument).resyncs).toBeGreaterThanOrEqual(2);
      await session.close();
      await until(() => server.clients.size === 0);
      expect(session.health(instrument)).toMatchObject({ connection: 'closed', book: 'stale' });
    });

    it('replaces an ageing connection without a stale moment, and delivers each trade once', async () => {
      open(300);
      server.run();
      await until(live);
      const sender = setInterval(() => {
        for (const { frame } of venue.trades) server.send(frame);
      }, 20);
      await until(() => (session.health(instrument).rotations ?? 0) > 0);
      clearInterval(sender);
      await expectCurrent();
      expect(states).toEqual(['syncing', 'live']);
      // The second connection's book begins the chain anew.
      expect(mirror.snapshots).toBeGreaterThanOrEqual(2);
      expect(mirror.changes).toBeGreaterThan(0);
      const expected = venue.trades.flatMap((trade) => trade.expected.map(({ id }) => id));
      await until(() => trades.length >= expected.length);
      expect(trades.map(({ id }) => id)).toEqual(expected);
    });

    describe.skipIf(venue.alive === undefined)('while nothing changes', () => {
      /** Far more than half of the silence that a connection is allowed lies between two signs of life, or 100 ms. */
      const SILENCE_MS = 600;
      const SIGNS = 10;
      let time: ManualClock;
      const staleReason = (): string | undefined => reasons[states.indexOf('stale')];
      /** Time passes only as fast as sockets are read, so that a machine under load is no silence. */
      const passing = (condition: () => boolean): Promise<void> =>
        vi.waitFor(
          () => {
            time.advanceBy(10);
            expect(condition()).toBe(true);
          },
          { timeout: 60_000, interval: 5 },
        );

      beforeEach(async () => {
        const { frame = '', probe } = venue.alive ?? {};
        time = new ManualClock(Date.now());
        if (probe === undefined) time.every(100, () => server.sign(frame));
        open(undefined, SILENCE_MS, time);
        // A book that begins with REST is live once an update followed.
        server.run();
        await passing(live);
        server.pause();
        const before = server.signs;
        await passing(() => server.signs >= before + SIGNS);
      });

      it('keeps a book live as long as the connection answers, and gives up one that does not', async () => {
        expect(states).toEqual(['syncing', 'live']);
        server.update();
        await expectCurrent();
        server.mute = true;
        await passing(() => states.includes('stale'));
        expect(staleReason()).toMatch(/^nothing received for \d+ ms/);
        server.mute = false;
        server.run();
        await passing(live);
        await expectCurrent();
      });

      it('doubts a book that rests while trades go on', async () => {
        const [trade] = venue.trades;
        server.send(trade?.frame ?? '');
        await passing(() => states.includes('stale'));
        expect(staleReason()).toMatch(/^a trade, but no depth update for \d+ ms/);
        server.run();
        await passing(live);
        expect(session.health(instrument).resyncs).toBe(1);
      });
    });
  });
}
