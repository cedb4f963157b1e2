import { ok, type Result } from '../../../core/base/result.ts';
import { VENUES, type Instrument } from '../../../core/market/instrument.ts';
import { z } from 'zod';
import type { Log } from '../../ports/log.ts';
import type { SettingsRepository } from '../../ports/store.ts';
import type { VenueFailure, VenueMarketData } from '../../ports/venue.ts';

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
): Promise<Result<Instrument[], VenueFailure>> {
  const key = `${KEY}.${venue.venue}`;
  const fresh = await venue.instruments(symbols);
  if (!fresh.ok && fresh.error.code === 'VENUE_UNKNOWN_SYMBOL') return fresh;
  const stored = await settings.get(key);
  const parsed = stored.ok ? instrumentsSchema.safeParse(stored.value) : undefined;
  const known: readonly Instrument[] = parsed?.success === true ? parsed.data : [];
  if (fresh.ok) {
    const saved = await settings.set(key, [...known.filter((instrument) => !isIn(fresh.value, instrument)), ...fresh.value]);
    if (!saved.ok) log.warn({ reason: saved.error.message }, 'instrument metadata was not saved');
    return fresh;
  }
  if (!symbols.every((symbol) => known.some((instrument) => instrument.symbol === symbol))) return fresh;
  log.warn(
    { venue: venue.venue, reason: fresh.error.message },
    'the venue cannot be reached; using instrument metadata of the last session',
  );
  return ok(known.filter((instrument) => symbols.includes(instrument.symbol)));
}

function isIn(instruments: readonly Instrument[], { symbol }: Instrument): boolean {
  return instruments.some((instrument) => instrument.symbol === symbol);
}
