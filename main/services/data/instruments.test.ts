import { expect, it } from 'vitest';
import { fail, ok } from '../../../core/base/result.ts';
import type { VenueMarketData } from '../../ports/venue.ts';
import { ETH } from './fixtures/instruments.ts';
import { MemorySettings } from './fixtures/memory-settings.ts';
import { loadInstruments } from './instruments.ts';

const LOG = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

it('keeps the metadata of every symbol for a start without the venue, also of those that are asked for at once', async () => {
  const settings = new MemorySettings();
  let reachable = true;
  const venue = {
    venue: 'binance',
    instruments: async (symbols: readonly string[]) =>
      reachable ? ok(symbols.map((symbol) => ({ ...ETH, symbol }))) : fail('VENUE_UNREACHABLE', 'no network'),
  } as unknown as VenueMarketData;
  const symbols = ['A/USDT', 'B/USDT', 'C/USDT'];
  await Promise.all(symbols.map((symbol) => loadInstruments(venue, [symbol], settings, LOG)));
  reachable = false;
  const known = await loadInstruments(venue, symbols, settings, LOG);
  expect(known.ok && known.value.map(({ symbol }) => symbol)).toEqual(symbols);
});
