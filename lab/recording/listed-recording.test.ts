import { describe, expect, it } from 'vitest';
import { BTC, ETH, syntheticRecording } from '../fixtures/synthetic.ts';
import { LISTINGS } from '../listings.ts';
import { stepsOf } from '../protocol/steps.ts';
import { minuteTrades } from '../simulation/minute-trades.ts';
import { listedRecording } from './listed-recording.ts';
import { MINUTE_MS } from './recorded-minute.ts';
import { Recording } from './recording.ts';

const START = Date.UTC(2020, 3, 25, 1, 0);
const MINUTES = 600;
const RECORDED = [ETH, BTC].map((instrument) =>
  syntheticRecording({ instrument, startTime: START, minutes: MINUTES, gap: { from: 100, to: 110 } }),
);
const recordedOf = (follows: string): Recording => RECORDED.find(({ instrument }) => instrument.symbol === follows) as Recording;

describe('listedRecording', () => {
  it.each(LISTINGS.map((listing) => [listing.instrument.symbol, listing] as const))(
    'of %s has the recorded prices at its basis, in its steps, and its share of the volume',
    (_, listing) => {
      const recorded = recordedOf(listing.follows);
      const listed = listedRecording(recorded, listing, 7);
      expect(listed.columns.openTime).toEqual(recorded.columns.openTime);
      const from = stepsOf(recorded.instrument);
      const to = stepsOf(listing.instrument);
      const far = (listing.wanderBps + Math.abs(listing.basisBps)) * 1e-4;
      let recordedVolume = 0;
      let listedVolume = 0;
      for (let i = 0; i < recorded.length; i++) {
        const [was, is] = [recorded.minute(i), listed.minute(i)];
        for (const name of ['open', 'close'] as const) {
          const price = from.tick.number(was[name]);
          // Half a tick of rounding; a minute without trades keeps its opening price.
          const most = far * price + to.tick.number(1);
          expect(Math.abs(to.tick.number(is[name]) - price)).toBeLessThanOrEqual(most);
        }
        expect(is.lots === 0).toBe(was.lots === 0);
        recordedVolume += from.lot.number(was.lots);
        listedVolume += to.lot.number(is.lots) / (listing.kind === 'inverse' ? to.tick.number((is.open + is.close) / 2) : 1);
      }
      expect(listedVolume / recordedVolume).toBeGreaterThan(listing.volumeShare * 0.9);
      expect(listedVolume / recordedVolume).toBeLessThan(listing.volumeShare * 1.1);
    },
  );

  it('is the same for the same seed, another for another, and does not hang on where the recording begins', () => {
    const listing = LISTINGS[0] as (typeof LISTINGS)[number];
    const recorded = recordedOf(listing.follows);
    const listed = listedRecording(recorded, listing, 7);
    expect(listedRecording(recorded, listing, 7).columns).toEqual(listed.columns);
    expect(listedRecording(recorded, listing, 8).columns.lots).not.toEqual(listed.columns.lots);
    const { columns } = recorded;
    const cut = (values: Int32Array): Int32Array => values.slice(50);
    const later = new Recording(recorded.instrument, {
      openTime: columns.openTime.slice(50),
      open: cut(columns.open),
      high: cut(columns.high),
      low: cut(columns.low),
      close: cut(columns.close),
      lots: columns.lots.slice(50),
    });
    const index = listed.lowerBound(START + 300 * MINUTE_MS);
    expect(listedRecording(later, listing, 7).minute(index - 50)).toEqual(listed.minute(index));
  });

  it.each(LISTINGS.map((listing) => [listing.instrument.symbol, listing] as const))(
    'of %s stays on the path of the market that it follows, within its minutes too',
    (_, listing) => {
      const recorded = recordedOf(listing.follows);
      const listed = listedRecording(recorded, listing, 7);
      const from = stepsOf(recorded.instrument).tick;
      const to = stepsOf(listing.instrument).tick;
      const apart: number[] = [];
      for (let i = 200; i < 260; i++) {
        const leading = minuteTrades(7, recorded, recorded.minute(i));
        const following = minuteTrades(7, listed, listed.minute(i));
        let cursor = 0;
        for (let j = 0; j < following.count; j++) {
          const offset = following.offsetMs[j] as number;
          while (cursor + 1 < leading.count && (leading.offsetMs[cursor + 1] as number) <= offset) cursor++;
          const price = from.number(leading.price[cursor] as number);
          apart.push((Math.abs(to.number(following.price[j] as number) - price) / price) * 1e4);
        }
      }
      const most = listing.wanderBps + Math.abs(listing.basisBps) + (to.number(1) / 200) * 1e4;
      const within = apart.filter((bps) => bps <= most).length / apart.length;
      // The rest are opens, closes and extremes, which the leader reaches a moment earlier or later.
      expect(within).toBeGreaterThan(0.93);
      expect(apart.length).toBeGreaterThan(1_000);
    },
  );

  it('gives listings prices and volumes of their own', () => {
    const following = LISTINGS.filter(({ follows }) => follows === 'ETHUSDT');
    const opens = following.map((listing) => {
      const { tick } = stepsOf(listing.instrument);
      return tick.number(listedRecording(recordedOf(listing.follows), listing, 7).minute(200).open);
    });
    expect(new Set(opens).size).toBeGreaterThan(following.length / 2);
  });
});
