import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { fail, ok } from '../../../core/base/result.ts';
import { type OptionChain, optionChainSchema, optionListingSchema } from '../../../core/contracts/options.ts';
import type { OptionListener, OptionVenue } from '../../ports/options.ts';
import { optionOf } from '../../venues/deribit/option-quote.ts';
import { OptionService } from './option-service.ts';

const NOW = Date.UTC(2024, 11, 1);
const CALL = 'BTC-27DEC24-100000-C';
const PUT = 'BTC-27DEC24-100000-P';
const LOW = 'BTC-27DEC24-90000-C';
const NEAR = 'BTC-6DEC24-90000-P';

function setUp({ saved, none = false }: { saved?: unknown; none?: boolean } = {}) {
  const clock = new ManualClock(NOW);
  const wall = new ManualClock(5);
  const settings = new Map<string, unknown>([['options.followed', saved]]);
  const sessions: { names: readonly string[]; listener: OptionListener; closed: boolean }[] = [];
  const warnings: string[] = [];
  const venue: OptionVenue = {
    nameOf: optionOf,
    list: async (underlying) =>
      underlying === 'BTC'
        ? ok({ names: [CALL, PUT, LOW, NEAR], underlyingMid: 96_000 })
        : fail('VENUE_TIMEOUT', 'Deribit did not answer.', { retryable: true }),
    follow(names, listener) {
      const session = { names, listener, closed: false };
      sessions.push(session);
      return ok({
        close: async () => {
          session.closed = true;
          for (const name of names) listener.onState(name, 'stale', 'closed');
        },
      });
    },
  };
  const service = new OptionService({
    venue: none ? undefined : venue,
    settings: {
      get: async (key) => ok(settings.get(key)),
      set: async (key, value) => {
        settings.set(key, value);
        return ok(undefined);
      },
    },
    clock,
    wall,
    log: { debug: () => {}, info: () => {}, warn: (_, message) => warnings.push(message), error: () => {} },
  });
  const told: OptionChain[] = [];
  service.events.on((chain) => told.push(chain));
  const quote = (name: string, bid: number, ask: number | undefined, tsEvent = NOW): void => {
    const listener = sessions.at(-1)?.listener as OptionListener;
    listener.onState(name, 'live', 'quoted');
    listener.onTop({
      venueSymbol: name,
      bid: { price: bid, amount: 3 },
      ask: ask === undefined ? undefined : { price: ask, amount: 2 },
      tsEvent,
      tsReceived: tsEvent,
    });
  };
  return { clock, wall, settings, sessions, warnings, service, told, quote };
}

describe('the option chain', () => {
  it('lists expiries and strikes in their order, with calls and puts where there are', async () => {
    const { service } = setUp();
    const listed = await service.list('BTC');
    expect(listed).toEqual(
      ok({
        underlying: 'BTC',
        underlyingMid: 96_000,
        expiries: [
          { expiresAt: Date.UTC(2024, 11, 6, 8), strikes: [{ strike: 90_000, put: NEAR }] },
          {
            expiresAt: Date.UTC(2024, 11, 27, 8),
            strikes: [
              { strike: 90_000, call: LOW },
              { strike: 100_000, call: CALL, put: PUT },
            ],
          },
        ],
      }),
    );
    expect(listed.ok && optionListingSchema.safeParse(listed.value).success).toBe(true);
    expect(await service.list('ETH')).toMatchObject({ ok: false, error: { code: 'VENUE_TIMEOUT' } });
  });

  it('tells quotes in coins and in USD by the perpetual, no more often than four times a second', async () => {
    const { service, sessions, told, wall, quote } = setUp();
    expect((await service.follow([PUT, CALL, CALL])).ok).toBe(true);
    expect(sessions[0]?.names).toEqual([PUT, CALL]);
    quote(CALL, 0.04, 0.05);
    wall.advanceBy(250);
    expect(told).toHaveLength(1);
    expect(told[0]?.quotes.map(({ name, state }) => [name, state])).toEqual([
      [CALL, 'live'],
      [PUT, 'stale'],
    ]);
    expect(told[0]?.quotes[0]?.bid).toEqual({ price: 0.04, amount: 3 });
    expect(told[0]?.quotes[1]).not.toHaveProperty('bid');
    sessions[0]?.listener.onUnderlying('BTC', 100_000);
    for (let i = 0; i < 20; i++) quote(CALL, 0.041 + i / 10_000, undefined);
    wall.advanceBy(250);
    expect(told).toHaveLength(2);
    expect(told[1]?.underlyingMids).toEqual({ BTC: 100_000 });
    expect(told[1]?.quotes[0]?.bid?.usd).toBeCloseTo(4_290, 6);
    expect(told[1]?.quotes[0]).not.toHaveProperty('ask');
    for (const chain of told) expect(optionChainSchema.safeParse(chain).success).toBe(true);
  });

  it('keeps the last quote of what went stale, says why, and how old it is', async () => {
    const { service, sessions, clock, wall, told, quote } = setUp();
    await service.follow([CALL]);
    sessions[0]?.listener.onUnderlying('BTC', 100_000);
    quote(CALL, 0.04, 0.05);
    sessions[0]?.listener.onState(CALL, 'stale', 'nothing received for 5000 ms');
    sessions[0]?.listener.onUnderlying('BTC', undefined);
    clock.advanceBy(7_000);
    expect(service.chain().quotes).toMatchObject([{ state: 'stale', reason: 'nothing received for 5000 ms', ageMs: 7_000 }]);
    expect(service.chain().underlyingMids).toEqual({});
    expect(service.chain().quotes[0]?.bid).toEqual({ price: 0.04, amount: 3 });
    wall.advanceBy(250);
    const count = told.length;
    wall.advanceBy(1_750);
    expect(told).toHaveLength(count);
    wall.advanceBy(250);
    expect(told, 'ages move by themselves').toHaveLength(count + 1);
    clock.advanceBy(Date.UTC(2024, 11, 27, 8) - clock.now());
    quote(CALL, 0.04, 0.05, clock.now());
    expect(service.chain().quotes).toMatchObject([{ state: 'stale', reason: 'it has expired' }]);
  });

  it('changes what is followed: the old connection is closed, and what it still says counts no more', async () => {
    const { service, sessions, quote } = setUp();
    await service.follow([CALL, PUT]);
    quote(CALL, 0.04, 0.05);
    const [first] = sessions;
    await service.follow([PUT, CALL]);
    expect(sessions, 'the same ones need no new connection').toHaveLength(1);
    await service.follow([CALL]);
    expect(first?.closed).toBe(true);
    first?.listener.onTop({ venueSymbol: CALL, bid: undefined, ask: undefined, tsEvent: NOW, tsReceived: NOW });
    first?.listener.onUnderlying('BTC', 1);
    expect(service.chain().underlyingMids).toEqual({});
    expect(service.chain().quotes).toMatchObject([
      { name: CALL, state: 'stale', reason: 'waiting for its quote', bid: { price: 0.04 } },
    ]);
    await service.follow([]);
    expect(sessions.map(({ closed }) => closed)).toEqual([true, true]);
    expect(service.chain().quotes).toEqual([]);
  });

  it('is kept over a restart, less what has expired; what cannot be read is said so and left out', async () => {
    const { service, settings } = setUp();
    await service.follow([CALL, PUT]);
    const next = setUp({ saved: [...(settings.get('options.followed') as string[]), 'BTC-29NOV24-90000-C'] });
    await next.service.start();
    expect(next.sessions[0]?.names).toEqual([CALL, PUT]);
    const broken = setUp({ saved: ['rm -rf'] });
    await broken.service.start();
    expect([broken.sessions.length, broken.warnings.length]).toEqual([0, 1]);
    await next.service.close();
    expect(next.sessions[0]?.closed).toBe(true);
  });

  it('refuses what is no option of the two coins, and leaves what is followed', async () => {
    const { service, sessions } = setUp();
    await service.follow([CALL]);
    for (const name of ['SOL-27DEC24-100-C', 'BTC-31FEB25-100000-C']) {
      expect(await service.follow([name])).toMatchObject({ ok: false, error: { code: 'UNKNOWN_OPTION' } });
    }
    expect(sessions).toHaveLength(1);
    expect(sessions[0]?.closed).toBe(false);
    expect(service.chain().quotes.map(({ name }) => name)).toEqual([CALL]);
  });

  it('says so where the market has no venue of options', async () => {
    const { service } = setUp({ none: true, saved: [CALL] });
    await service.start();
    expect(service.chain()).toMatchObject({ available: false, quotes: [] });
    expect(await service.list('BTC')).toMatchObject({ ok: false, error: { code: 'NO_OPTIONS' } });
    expect(await service.follow([CALL])).toMatchObject({ ok: false, error: { code: 'NO_OPTIONS' } });
  });
});
