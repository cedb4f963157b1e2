import { ok, type Result } from '../../core/base/result.ts';
import { VENUES, type Instrument } from '../../core/market/instrument.ts';
import { z } from 'zod';
import type { Log } from '../ports/log.ts';
import type { SettingsRepository } from '../ports/store.ts';
import type { VenueMarketData } from '../ports/venue.ts';

const KEY = 'instruments';

const instrumentsSchema = z.array(
  z.object({
    venue: z.enum(VENUES),
    symbol: z.string(),
    venueSymbol: z.string(),
    kind: z.enum(['spot', 'linear', 'inverse']),
    base: z.string(),
    quote: z.string(),
    tickSize: z.string(),
    lotSize: z.string(),
    minNotional: z.string(),
    contractMultiplier: z.string(),
  }),
);

/** Instrument metadata from the venue; when it cannot be reached, as it was last time. */
export async function loadInstruments(
  venue: VenueMarketData,
  symbols: readonly string[],
  settings: SettingsRepository,
  log: Log,
): Promise<Result<Instrument[]>> {
  const key = `${KEY}.${venue.venue}`;
  const fresh = await venue.instruments(symbols);
  if (fresh.ok) {
    const saved = await settings.set(key, fresh.value);
    if (!saved.ok) log.warn({ reason: saved.error.message }, 'instrument metadata was not saved');
    return fresh;
  }
  const stored = await settings.get(key);
  const known = stored.ok ? instrumentsSchema.safeParse(stored.value) : undefined;
  if (known?.success === true && symbols.every((symbol) => known.data.some((instrument) => instrument.symbol === symbol))) {
    log.warn(
      { venue: venue.venue, reason: fresh.error.message },
      'the venue cannot be reached; using instrument metadata of the last session',
    );
    return ok(known.data.filter((instrument) => symbols.includes(instrument.symbol)));
  }
  return fresh;
}
