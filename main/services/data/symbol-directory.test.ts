import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { fail, ok, type Result } from '../../../core/base/result.ts';
import type { VenueId } from '../../../core/market/instrument.ts';
import type { VenueFailure, VenueMarketData } from '../../ports/venue.ts';
import { SymbolDirectory } from './symbol-directory.ts';

const DOWN: Result<string[], VenueFailure> = fail('VENUE_UNREACHABLE', 'Bybit could not be reached.', { retryable: true });
const nobody = (): boolean => false;

function setUp(lists: Readonly<Partial<Record<VenueId, Result<string[], VenueFailure>>>>) {
  const wall = new ManualClock(1_000_000);
  const answers = new Map(Object.entries(lists));
  const asked: string[] = [];
  const venues = new Map(
    Object.keys(lists).map((id) => {
      const symbols = async () => {
        asked.push(id);
        return answers.get(id);
      };
      return [id as VenueId, { symbols } as unknown as VenueMarketData] as const;
    }),
  );
  return { wall, asked, answers, directory: new SymbolDirectory(venues, wall) };
}

describe('SymbolDirectory', () => {
  it('tells which venues trade each match and which are followed, the likeliest first', async () => {
    const { directory } = setUp({
      binance: ok(['BTC/USDT', 'ETH/BTC', 'ETH/USDT']),
      bybit: ok(['ETH/USDT', 'ETHW/USDT']),
    });
    expect(await directory.search('eth', 10, (symbol) => symbol === 'ETH/USDT')).toEqual({
      matches: [
        { symbol: 'ETH/USDT', venues: ['binance', 'bybit'], followed: true },
        { symbol: 'ETH/BTC', venues: ['binance'], followed: false },
        { symbol: 'ETHW/USDT', venues: ['bybit'], followed: false },
      ],
      more: 0,
      failures: [],
    });
  });

  it('counts what is beyond the limit', async () => {
    const { directory } = setUp({ binance: ok(['ETH/BTC', 'ETH/EUR', 'ETH/USDT']) });
    const found = await directory.search('eth', 2, nobody);
    expect([found.matches.length, found.more]).toEqual([2, 1]);
  });

  it('asks each venue once in ten minutes, however many search at once', async () => {
    const { directory, asked, answers, wall } = setUp({ binance: ok(['ETH/USDT']), bybit: ok([]) });
    await Promise.all(['e', 'et', 'eth'].map((query) => directory.search(query, 10, nobody)));
    wall.advanceBy(599_999);
    await directory.search('eth', 10, nobody);
    expect(asked).toEqual(['binance', 'bybit']);
    answers.set('binance', ok(['ETH/USDT', 'ETH/NEW']));
    wall.advanceBy(1);
    expect((await directory.search('eth', 10, nobody)).matches).toHaveLength(2);
    expect(asked).toEqual(['binance', 'bybit', 'binance', 'bybit']);
  });

  it('names a venue that could not be asked, keeps what the others trade, and asks that one again after ten seconds', async () => {
    const { directory, asked, answers, wall } = setUp({ binance: ok(['ETH/USDT']), bybit: DOWN });
    const failed = await directory.search('eth', 10, nobody);
    expect(failed.matches).toEqual([{ symbol: 'ETH/USDT', venues: ['binance'], followed: false }]);
    expect(failed.failures).toEqual([{ venue: 'bybit', message: 'Bybit could not be reached.' }]);
    answers.set('bybit', ok(['ETH/USDT']));
    wall.advanceBy(9_999);
    expect((await directory.search('eth', 10, nobody)).failures).toHaveLength(1);
    wall.advanceBy(1);
    const found = await directory.search('eth', 10, nobody);
    expect([found.failures, found.matches[0]?.venues]).toEqual([[], ['binance', 'bybit']]);
    expect(asked).toEqual(['binance', 'bybit', 'bybit']);
  });

  it('answers with what the others trade while one venue says nothing', async () => {
    const { directory, answers, wall } = setUp({ binance: ok(['ETH/USDT']), bybit: ok([]) });
    let tell = (_: Result<string[], VenueFailure>): void => {};
    const pending = new Promise((resolve) => {
      tell = resolve;
    });
    answers.set('bybit', pending as never);
    const search = directory.search('eth', 10, nobody);
    for (let i = 0; i < 5; i++) await Promise.resolve();
    wall.advanceBy(2_000);
    const found = await search;
    expect(found.matches.map(({ venues }) => venues)).toEqual([['binance']]);
    expect(found.failures).toMatchObject([{ venue: 'bybit' }]);
    tell(ok(['ETH/USDT']));
    const again = await directory.search('eth', 10, nobody);
    expect(again).toMatchObject({ matches: [{ venues: ['binance', 'bybit'] }], failures: [] });
    expect(wall.timerCount).toBe(0);
  });
});
