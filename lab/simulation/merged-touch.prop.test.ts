import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextInt, SplitMix32 } from '../../core/base/rng.ts';
import { BTC, ETH, syntheticRecording } from '../fixtures/synthetic.ts';
import { LISTINGS } from '../listings.ts';
import { stepsOf } from '../protocol/steps.ts';
import { listedRecording } from '../recording/listed-recording.ts';
import { MINUTE_MS } from '../recording/recorded-minute.ts';
import type { Recording } from '../recording/recording.ts';
import { Market } from './market.ts';
import { STEP_MS, type SymbolMarket } from './symbol-market.ts';

const START = Date.UTC(2020, 3, 25, 1, 0);
const MINUTES = 5;
/** Buying at one venue what is sold at another costs the taker's fee twice: 0.04 % each where it is least. */
const FEES_BPS = 8;

type Touch = readonly [bid: number, ask: number];

/** A venue's touch after every step, as its depth stream tells it. It has a market of its own, as in the lab. */
function touchesOf(recording: Recording, seed: number): Touch[] {
  const { tick } = stepsOf(recording.instrument);
  const seen: Touch[] = [];
  let told: Touch = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const onDepth = ({ book }: SymbolMarket): void => {
    told = [tick.number(book.bids.best as number), tick.number(book.asks.best as number)];
  };
  const market = new Market([recording], seed, START);
  for (let time = START + STEP_MS; time <= START + MINUTES * MINUTE_MS; time += STEP_MS) {
    market.advanceTo(time, { onTrade: () => {}, onDepth, onSecond: () => {} });
    seen.push(told);
  }
  return seen;
}

/** How far the merged book is crossed, in basis points; below 0 where it is not. */
function crossedBps(touches: readonly Touch[]): number {
  const bid = Math.max(...touches.map(([best]) => best));
  const ask = Math.min(...touches.map(([, best]) => best));
  return ((bid - ask) / ask) * 1e4;
}

describe('the merged book of all venues', () => {
  it.each([ETH, BTC])(
    'of $symbol is not crossed, and where venues are heard late only seldom and by less than the fees',
    (of) => {
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
          const leader = syntheticRecording({ instrument: of, seed, startTime: START, minutes: MINUTES });
          const listings = LISTINGS.filter(({ follows }) => follows === of.symbol);
          const recordings = [leader, ...listings.map((listing) => listedRecording(leader, listing, seed))];
          const venues = recordings.map((recording) => touchesOf(recording, seed));
          const rng = new SplitMix32(seed);
          const late: number[] = [];
          for (let i = 1; i < MINUTES * (MINUTE_MS / STEP_MS); i++) {
            expect(crossedBps(venues.map((touches) => touches[i] as Touch))).toBeLessThanOrEqual(0);
            // One venue of the six is a step behind the others.
            const behind = nextInt(rng, venues.length);
            late.push(crossedBps(venues.map((touches, venue) => touches[venue === behind ? i - 1 : i] as Touch)));
          }
          const share = (most: number): number => late.filter((bps) => bps > most).length / late.length;
          expect(share(0)).toBeLessThan(0.1);
          expect(share(FEES_BPS)).toBeLessThan(0.005);
        }),
        { numRuns: 6 },
      );
    },
  );
});
