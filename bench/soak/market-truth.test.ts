import { expect, it } from 'vitest';
import { BTC, ETH, syntheticRecording } from '../../lab/fixtures/synthetic.ts';
import { LAB_VENUES, LISTINGS } from '../../lab/listings.ts';
import { stepsOf } from '../../lab/protocol/steps.ts';
import { listedRecording } from '../../lab/recording/listed-recording.ts';
import { Market } from '../../lab/simulation/market.ts';
import { MarketTruth } from './market-truth.ts';

const SEED = 7;
const START = Date.UTC(2020, 3, 25);
const FROM = START + 10 * 60_000;
const TO = FROM + 5 * 60_000;

it("works out again the trades of every venue's own market", () => {
  const recordings = [ETH, BTC].map((instrument) => syntheticRecording({ instrument, startTime: START, minutes: 30 }));
  const truth = new MarketTruth(recordings, SEED);
  let compared = 0;
  for (const recorded of recordings) {
    const { base, symbol } = recorded.instrument;
    const played = [
      { venue: LAB_VENUES[0], unified: `${base}/USDT`, recording: recorded },
      ...LISTINGS.filter((listing) => listing.follows === symbol).map((listing) => ({
        venue: listing.venue,
        unified: { spot: `${base}/USDT`, linear: `${base}/USDT:USDT`, inverse: `${base}/USD:${base}` }[listing.kind],
        recording: listedRecording(recorded, listing, SEED),
      })),
    ];
    for (const { venue, unified, recording } of played) {
      const { tick } = stepsOf(recording.instrument);
      const told: number[][] = [];
      const market = new Market([recording], SEED, FROM);
      market.advanceTo(TO, {
        onTrade: (_, { id, time, price }) => told.push([id, time, tick.number(price)]),
        onDepth: () => {},
        onSecond: () => {},
      });
      const had = [...truth.trades(venue, unified, FROM + 1, TO)].map(({ id, time, price }) => [id, time, price]);
      expect(told.length, `${venue} ${unified}`).toBeGreaterThan(20);
      expect(had, `${venue} ${unified}`).toEqual(told);
      compared++;
    }
  }
  expect(compared).toBeGreaterThan(LAB_VENUES.length);
});
