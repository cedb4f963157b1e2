import { OptionService } from '../../services/options/option-service.ts';
import { createDeribitOptions } from '../../venues/deribit/options.ts';
import type { Frame } from './frame.ts';

/** The option chain, from the one venue that lists options; a market without it has none. */
export async function assembleOptions(frame: Frame): Promise<OptionService> {
  const { config, market, store, wall, rng, log } = frame;
  const address = market.addresses.get('deribit');
  const venue = address && createDeribitOptions({ ...address, ...config.connections, clock: market.clock, wall, rng, log });
  const options = new OptionService({ venue, settings: store.settings, clock: market.clock, wall, log });
  frame.onClose(() => options.close());
  await options.start();
  return options;
}
