import { runVenueConformance } from '../conformance/run-venue-conformance.ts';
import { GATE } from './fixtures/conformance.ts';

runVenueConformance(GATE);
