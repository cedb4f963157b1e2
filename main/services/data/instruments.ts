import { ok, type Result } from '../../../core/base/result.ts';
import { VENUES, type Instrument, type VenueId } from '../../../core/market/instrument.ts';
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
  const fresh = await venue.instruments(symbols);
  if (!fresh.ok && fresh.error.code === 'VENUE_UNKNOWN_SYMBOL') return fresh;
  if (fresh.ok) {
    // One after the other: each writes the whole list, and what two read at once would lose one of them.
    const saving = (savings.get(settings) ?? Promise.resolve()).then(() => save(venue.venue, fresh.value, settings, log));
    savings.set(settings, saving);
    await saving;
    return fresh;
  }
  const known = await knownInstruments(venue.venue, settings);
  if (!symbols.every((symbol) => known.some((instrument) => instrument.symbol === symbol))) return fresh;
  log.warn(
    { venue: venue.venue, reason: fresh.error.message },
    'the venue cannot be reached; using instrument metadata of the last session',
  );
  return ok(known.filter((instrument) => symbols.includes(instrument.symbol)));
}

const savings = new WeakMap<SettingsRepository, Promise<void>>();

/** Of one venue, as they were when it was reached last. */
export async function knownInstruments(venue: VenueId, settings: SettingsRepository): Promise<readonly Instrument[]> {
  const stored = await settings.get(`${KEY}.${venue}`);
  const parsed = stored.ok ? instrumentsSchema.safeParse(stored.value) : undefined;
  return parsed?.success === true ? parsed.data : [];
}

async function save(venue: VenueId, fresh: readonly Instrument[], settings: SettingsRepository, log: Log): Promise<void> {
  const known = await knownInstruments(venue, settings);
  const all = [...known.filter((instrument) => !isIn(fresh, instrument)), ...fresh];
  const saved = await settings.set(`${KEY}.${venue}`, all);
  if (!saved.ok) log.warn({ reason: saved.error.message }, 'instrument metadata was not saved');
}

function isIn(instruments: readonly Instrument[], { symbol }: Instrument): boolean {
  return instruments.some((instrument) => instrument.symbol === symbol);
}
