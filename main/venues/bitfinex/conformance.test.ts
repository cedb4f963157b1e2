import { runVenueConformance } from '../conformance/run-venue-conformance.ts';
import { BITFINEX } from './fixtures/conformance.ts';

runVenueConformance(BITFINEX);
