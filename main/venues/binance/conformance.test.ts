import { runVenueConformance } from '../conformance/run-venue-conformance.ts';
import { BINANCE_SPOT } from './fixtures/conformance.ts';

runVenueConformance(BINANCE_SPOT);
