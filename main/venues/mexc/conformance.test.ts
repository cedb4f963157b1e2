import { expect } from 'vitest';
import { numbersOf } from '../conformance/market-script.ts';
import { runVenueConformance } from '../conformance/run-venue-conformance.ts';
import type { Recording } from '../conformance/venue-conformance.ts';
import { WireBench } from '../conformance/wire-bench.ts';
import { MEXC_SPOT, MEXC_FUTURES, SPOT, LINEAR, INVERSE } from './fixtures/conformance.ts';

interface RawLevel {
  readonly price: string;
  readonly quantity: string;
}
interface Reencoded {
  readonly hex: string;
  readonly decoded: {
    readonly channel: string;
    readonly symbol: string;
    readonly sendTime: string;
    readonly publicAggreDepths?: {
      readonly bids?: readonly RawLevel[];
      readonly asks?: readonly RawLevel[];
      readonly fromVersion: string;
      readonly toVersion: string;
    };
    readonly publicAggreDeals?: { readonly deals: readonly (RawLevel & { readonly tradeType: number; readonly time: string })[] };
  };
}

function hexOf(text: string): string {
  return Buffer.from(text).toString('hex');
}

interface Normalized {
  readonly price: number;
  readonly amount: number;
  readonly side: string;
  readonly timestamp: string;
}

const MEXC_SPOT_RECORDINGS: readonly Recording[] = [
  {
    title: 'frames encoded with the official schema say what an independent reader makes of them',
    files: ['mexc/reencoded_frames_a.jsonl'],
    test(linesOf) {
      let depths = 0;
      let deals = 0;
      for (const line of linesOf('mexc/reencoded_frames_a.jsonl')) {
        const { hex, decoded } = JSON.parse(line) as Reencoded;
        // The stream of 10 ms, which is read like ours of 100 ms.
        const frame = Buffer.from(hex.replaceAll(hexOf('@10ms@'), hexOf('@100ms@')), 'hex');
        const length = frame[1] as number;
        if (decoded.channel.includes('@10ms@')) frame[1] = length + 1;
        const bench = new WireBench({
          ...MEXC_SPOT,
          instrument: { ...SPOT, venueSymbol: decoded.symbol, tickSize: '0.01', lotSize: '0.00000001' },
        });
        bench.feed(frame);
        expect(bench.unreadable, line).toEqual([]);
        const { publicAggreDeals, publicAggreDepths } = decoded;
        if (publicAggreDeals !== undefined) {
          deals += publicAggreDeals.deals.length;
          expect(bench.trades.map(({ price, quantity, side, tsEvent }) => [price, quantity, side, tsEvent])).toEqual(
            publicAggreDeals.deals.map(({ price, quantity, tradeType, time }) => [
              Number(price),
              Number(quantity),
              tradeType === 1 ? 'buy' : 'sell',
              Number(time),
            ]),
          );
        }
        if (publicAggreDepths === undefined) continue;
        depths++;
        expect([bench.lastOutcome, bench.eventTimes]).toEqual(['buffered', [Number(decoded.sendTime)]]);
        const { fromVersion: first, bids = [], asks = [] } = publicAggreDepths;
        bench.sync.onSnapshot({ lastUpdateId: Number(first) - 1, bids: [], asks: [] });
        const sides = (levels: readonly RawLevel[]): number[][] =>
          levels.filter(({ quantity }) => Number(quantity) > 0).map(({ price, quantity }) => [Number(price), Number(quantity)]);
        expect(numbersOf(bench.sync.book)).toEqual({ bids: sides(bids), asks: sides(asks) });
        expect(bench.sync.lastId).toBe(Number(publicAggreDepths.toVersion));
      }
      expect([depths, deals]).toEqual([8, 2]);
    },
  },
];

const MEXC_FUTURES_RECORDINGS: readonly Recording[] = [
  {
    title: 'recorded single messages of the futures say what an independent reader makes of them',
    files: ['tardis_node/mexc-futures_a.jsonl', 'crypto_msg_parser/mexc_a.jsonl'],
    test(linesOf) {
      const bench = new WireBench({ ...MEXC_FUTURES, instrument: { ...LINEAR, contractMultiplier: '1' } });
      for (const line of linesOf('tardis_node/mexc-futures_a.jsonl')) {
        const { message, normalized } = JSON.parse(line) as { message: { channel: string }; normalized: readonly Normalized[] };
        if (message.channel !== 'push.deal' && message.channel !== 'push.depth') continue;
        const before = bench.trades.length;
        bench.feed(JSON.stringify(message));
        if (message.channel === 'push.depth') expect(bench.lastOutcome).toBe('buffered');
        else {
          expect(
            bench.trades.slice(before).map(({ price, quantity, side, tsEvent }) => [price, quantity, side, tsEvent]),
          ).toEqual(normalized.map(({ price, amount, side, timestamp }) => [price, amount, side, Date.parse(timestamp)]));
        }
      }
      expect([bench.trades.length, bench.eventTimes, bench.unreadable]).toEqual([2, [1587442022003], []]);
      const inverse = new WireBench({ ...MEXC_FUTURES, instrument: INVERSE });
      for (const line of linesOf('crypto_msg_parser/mexc_a.jsonl')) {
        const { raw } = JSON.parse(line) as { raw: string };
        // Of 2022: deals had no ids then.
        if (raw.includes('"BTC_USD"')) inverse.feed(raw.replace('"M":1', '"M":1,"i":"1"'));
      }
      expect(inverse.trades.map(({ price, quantity }) => [price, quantity])).toEqual([[39885.5, 800 / 39885.5]]);
      expect([inverse.eventTimes, inverse.unreadable]).toEqual([[1622723010000], []]);
    },
  },
];

runVenueConformance(MEXC_SPOT, MEXC_SPOT_RECORDINGS);
runVenueConformance(MEXC_FUTURES, MEXC_FUTURES_RECORDINGS);
