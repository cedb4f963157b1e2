import { SplitMix32 } from '../../core/base/rng.ts';
import { COB_PERIOD_MS, ConsolidatedBook } from '../../core/market/consolidated-book.ts';
import type { Instrument } from '../../core/market/instrument.ts';
import type { MarketSession } from '../../main/ports/venue.ts';
import { createSystemClock } from '../../main/host/host-clock.ts';
import { after } from '../depth/depth-flow.ts';
import { startLoopProbe } from '../desk/loop-probe.ts';
import { tellParent } from '../role-process.ts';
import { CAST, flowOf, instrumentOf, SYMBOLS } from './cast.ts';

export type ToDesk =
  | { readonly kind: 'count' }
  /** Compares every book with the venue's after so many messages of each symbol. */
  | { readonly kind: 'check'; readonly sent: readonly (readonly number[])[] };
export type FromDesk =
  | { readonly kind: 'live' }
  | { readonly kind: 'counted'; readonly updates: number; readonly snapshots: number; readonly notLive: number }
  | { readonly kind: 'checked'; readonly wrong: readonly string[] };

/** Levels a side that are compared. */
const CHECKED = 20;

/** The sessions of all venues, their books, and the consolidated book of each symbol over all venues ten times a second. */
export function runDesk(ports: readonly number[]): void {
  startLoopProbe();
  const clock = createSystemClock();
  const sessions: { readonly session: MarketSession; readonly instruments: readonly Instrument[] }[] = [];
  let updates = 0;
  let snapshots = 0;
  let told = false;
  const isLive = (): number =>
    sessions.reduce(
      (sum, { session, instruments }) => sum + instruments.filter((i) => session.health(i).book !== 'live').length,
      0,
    );
  CAST.forEach((player, index) => {
    const instruments = Array.from({ length: SYMBOLS }, (_, symbol) => instrumentOf(player, symbol));
    const session = player.venue
      .create({
        restUrl: `http://127.0.0.1:${ports[index]}`,
        streamUrl: `ws://127.0.0.1:${ports[index]}`,
        requestTimeoutMs: 10_000,
        silenceMs: 60_000,
        clock,
        wall: clock,
        rng: new SplitMix32(index + 1),
        bucketWidthOf: () => 1,
        log: { info: () => {}, warn: (fields, message) => console.error(player.venue.name, message, fields) },
      })
      .open(instruments, {
        onTrade: () => {},
        onKline: () => {},
        onBook: () => {
          updates++;
        },
        onBookState: () => {},
      });
    sessions.push({ session, instruments });
  });
  const cobs = Array.from(
    { length: SYMBOLS },
    (_, symbol) =>
      new ConsolidatedBook({
        symbol: `S${symbol}/USD`,
        bucketWidth: 1,
        sources: sessions.map(({ session, instruments }) => {
          const instrument = instruments[symbol] as Instrument;
          return {
            venue: instrument.venue,
            book: session.book(instrument),
            status: () => ({ state: session.health(instrument).book, reason: '' }),
          };
        }),
      }),
  );
  clock.every(COB_PERIOD_MS, () => {
    for (const cob of cobs) cob.sample(clock.now());
    snapshots += cobs.length;
    if (told || isLive() > 0) return;
    told = true;
    tellParent<FromDesk>({ kind: 'live' });
  });
  process.on('message', (message: ToDesk) => {
    if (message.kind === 'count') tellParent<FromDesk>({ kind: 'counted', updates, snapshots, notLive: isLive() });
    if (message.kind !== 'check') return;
    const wrong: string[] = [];
    CAST.forEach((player, index) => {
      const { session, instruments } = sessions[index] as (typeof sessions)[number];
      instruments.forEach((instrument, symbol) => {
        const book = session.book(instrument);
        const expected = after(flowOf(player, symbol), message.sent[index]?.[symbol] ?? 0);
        for (const side of ['bid', 'ask'] as const) {
          const levels = (side === 'bid' ? expected.bids : expected.asks).slice(0, CHECKED);
          const lots = instrument.kind === 'inverse' ? 1 : 10_000;
          const found = levels.map((_, rank) => [
            Math.round(book.priceOf(book.ticksAt(side, rank)) * 100),
            Math.round(book.quantityOf(book.lotsAt(side, rank)) * lots),
          ]);
          if (JSON.stringify(found) !== JSON.stringify(levels)) wrong.push(`${player.venue.name} ${instrument.symbol} ${side}`);
        }
      });
    });
    tellParent<FromDesk>({ kind: 'checked', wrong });
  });
}
