import { runVenueConformance } from '../conformance/run-venue-conformance.ts';
import { BINANCE_USDM, BINANCE_COINM } from './fixtures/futures-conformance.ts';

runVenueConformance(BINANCE_USDM);
runVenueConformance(BINANCE_COINM);
