import type { QualityState } from '../../../core/contracts/data-quality.ts';

export const STATE_WORDS: Readonly<Record<QualityState, string>> = {
  complete: 'complete',
  hole: 'hole',
  venueOutage: 'venue outage',
  repaired: 'repaired',
  staleBook: 'stale book',
};
