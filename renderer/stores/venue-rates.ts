import { create } from 'zustand';
import type { VenueHealth } from '../../core/contracts/system.ts';
import { SampleRing } from './sample-ring.ts';

/** One sample a second: what a sparkline shows. */
export const RATE_SAMPLES = 60;

interface VenueRates {
  /** Messages per second of each instrument by `rateKey`. The rings are filled in place; `serial` counts the fillings. */
  readonly rings: ReadonlyMap<string, SampleRing>;
  readonly serial: number;
  take(venues: readonly VenueHealth[]): void;
  clear(): void;
}

/** An instrument in the status: one venue's instrument may be merged into several followed symbols. */
export function rateKey({ venue, symbol, followed }: Pick<VenueHealth, 'venue' | 'symbol' | 'followed'>): string {
  return `${venue}:${symbol}>${followed}`;
}

/** How busy each instrument was in the last minute. What is not reported any more is forgotten. */
export const useVenueRates = create<VenueRates>((set) => ({
  rings: new Map(),
  serial: 0,
  take: (venues) =>
    set(({ rings, serial }) => {
      const kept = new Map<string, SampleRing>();
      for (const health of venues) {
        const key = rateKey(health);
        const ring = rings.get(key) ?? new SampleRing(RATE_SAMPLES);
        ring.push(health.messagesPerSecond);
        kept.set(key, ring);
      }
      return { rings: kept, serial: serial + 1 };
    }),
  clear: () => set({ rings: new Map(), serial: 0 }),
}));

/** The rates of several instruments added up, oldest first, as far back as the longest of them. */
export function summedRates(rings: ReadonlyMap<string, SampleRing>, keys: readonly string[]): number[] {
  const present = keys.flatMap((key) => rings.get(key) ?? []);
  const length = Math.max(0, ...present.map(({ size }) => size));
  return Array.from({ length }, (_, i) => present.reduce((sum, ring) => sum + (ring.at(length - 1 - i) ?? 0), 0));
}
