import type { Clock } from '../../../core/base/clock.ts';
import { fail, ok, type Result } from '../../../core/base/result.ts';
import { suitableBucketWidth } from '../../../core/market/bucket-width.ts';
import type { Instrument, SourceName, VenueId } from '../../../core/market/instrument.ts';
import { openTimeOf, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { Log } from '../../ports/log.ts';
import type { Store } from '../../ports/store.ts';
import type { VenueMarketData } from '../../ports/venue.ts';
import { loadInstruments } from './instruments.ts';

/** The last price of a symbol is looked for in its newest closed hours: two days. */
const HOURS_FOR_A_PRICE = 48;

interface Deps {
  readonly venues: ReadonlyMap<VenueId, VenueMarketData>;
  readonly store: Pick<Store, 'settings'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** The bucket width that is `given`, or one that suits the price of a primary, whose venue the market has. In quote units. */
export async function widthFor(
  primary: SourceName,
  given: number | undefined,
  { venues, store, clock, log }: Deps,
): Promise<Result<number>> {
  if (given !== undefined) return ok(given);
  const venue = venues.get(primary.venue) as VenueMarketData;
  const listed = await loadInstruments(venue, [primary.symbol], store.settings, log);
  if (!listed.ok) return listed;
  const instrument = listed.value[0] as Instrument;
  const to = openTimeOf(clock.now(), '1h');
  const hours = await venue.candles(instrument, '1h', to - HOURS_FOR_A_PRICE * TIMEFRAME_MS['1h'], to, HOURS_FOR_A_PRICE);
  if (!hours.ok) return hours;
  const price = hours.value.at(-1)?.close;
  if (price !== undefined) return ok(suitableBucketWidth(price, Number(instrument.tickSize)));
  return fail('NO_PRICE', `${primary.symbol} did not trade on ${primary.venue} lately: give a bucket width.`);
}
