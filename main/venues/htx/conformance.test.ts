import { runVenueConformance } from '../conformance/run-venue-conformance.ts';
import { HTX } from './fixtures/conformance.ts';

runVenueConformance(HTX);
