import { runVenueConformance } from '../conformance/run-venue-conformance.ts';
import { KUCOIN_SPOT, KUCOIN_FUTURES } from './fixtures/conformance.ts';

runVenueConformance(KUCOIN_SPOT);
runVenueConformance(KUCOIN_FUTURES);
