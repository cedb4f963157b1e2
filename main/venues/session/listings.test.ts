import { describe, expect, it } from 'vitest';
import { fail, ok, type Result } from '../../../core/base/result.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { VenueFailure } from '../../ports/venue.ts';
import { listedSymbols, unifiedSymbol } from './listings.ts';

const SOURCE = {
  candidateOf: ({ base, quote }: Readonly<Record<string, unknown>>) => unifiedSymbol(base, quote),
  nameOf: (symbol: string) => (/^[A-Z]+\/[A-Z]+$/.test(symbol) ? symbol.replace('/', '') : undefined),
  instrumentFrom: (entry: Readonly<Record<string, unknown>>, symbol: string, name: string) =>
    entry.name === name && entry.trades === true ? ({ symbol } as Instrument) : undefined,
};
const entry = (base: string, quote: string, trades = true): object => ({ name: base + quote, base, quote, trades });
const list =
  (...entries: readonly unknown[]) =>
  () =>
    Promise.resolve<Result<readonly unknown[], VenueFailure>>(ok(entries));
const broken = (message: string) => () =>
  Promise.resolve<Result<readonly unknown[], VenueFailure>>(fail('VENUE_TIMEOUT', message));

describe('listedSymbols', () => {
  it('joins the lists, sorted, each symbol once', async () => {
    const lists = [list(entry('SOL', 'USD'), entry('BTC', 'USD')), list(entry('BTC', 'USD'), entry('ADA', 'USD'))];
    expect(await listedSymbols(lists, SOURCE)()).toEqual(ok(['ADA/USD', 'BTC/USD', 'SOL/USD']));
  });

  it('leaves out what the connector can make no instrument of by the symbol alone', async () => {
    const entries = [
      entry('OLD', 'USD', false),
      entry('$X', 'USD'),
      { ...entry('ETH', 'USD'), name: 'ETHUSD2' },
      { base: 5 },
      null,
      'x',
    ];
    expect(await listedSymbols([list(...entries, entry('BTC', 'USD'))], SOURCE)()).toEqual(ok(['BTC/USD']));
  });

  it('holds what is known where one list fails, and fails with the first reason where all do', async () => {
    expect(await listedSymbols([broken('spot'), list(entry('BTC', 'USD'))], SOURCE)()).toEqual(ok(['BTC/USD']));
    expect(await listedSymbols([broken('spot'), broken('contracts')], SOURCE)()).toMatchObject({
      ok: false,
      error: { message: 'spot' },
    });
  });

  it('takes an empty list for an answer', async () => {
    expect(await listedSymbols([list(), broken('contracts')], SOURCE)()).toEqual(ok([]));
  });
});

describe('unifiedSymbol', () => {
  it('needs every coin that it is given', () => {
    expect(unifiedSymbol('ETH', 'USDT')).toBe('ETH/USDT');
    expect(unifiedSymbol('ETH', 'USDT', 'USDT')).toBe('ETH/USDT:USDT');
    expect(unifiedSymbol('ETH', undefined)).toBeUndefined();
    expect(unifiedSymbol('ETH', 'USDT', 5)).toBeUndefined();
  });
});
