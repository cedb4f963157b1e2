import { crc32 } from 'node:zlib';
import { expect } from 'vitest';
import type { BookSide, L2Book } from '../../../core/market/l2-book.ts';
import { numbersOf } from '../conformance/market-script.ts';
import { runVenueConformance } from '../conformance/run-venue-conformance.ts';
import type { Recording } from '../conformance/venue-conformance.ts';
import { WireBench } from '../conformance/wire-bench.ts';
import { OKX, BTC, INVERSE, SPOT } from './fixtures/conformance.ts';

interface Recorded {
  readonly message: { readonly arg?: { readonly channel: string; readonly instId: string } };
  readonly normalized: readonly {
    readonly price: number;
    readonly amount: number;
    readonly side: string;
    readonly timestamp: string;
  }[];
}

function benchFor(venueSymbol: string): WireBench {
  const like = venueSymbol === 'BTC-USD-SWAP' ? INVERSE : venueSymbol.endsWith('-SWAP') ? BTC : SPOT;
  return new WireBench({ ...OKX, instrument: { ...like, venueSymbol, tickSize: '0.01', lotSize: '0.00000001' } });
}

/** OKX's checksum while it was alive: CRC-32 over 25 levels, bid and ask in turn, as a signed number. */
function checksumOf(book: L2Book): number {
  const parts: string[] = [];
  const text = (value: number): string => value.toFixed(8).replace(/\.?0+$/, '');
  const add = (side: BookSide, rank: number): void => {
    if (rank < book.depth(side)) {
      parts.push(text(book.priceOf(book.ticksAt(side, rank))), text(book.quantityOf(book.lotsAt(side, rank))));
    }
  };
  for (let rank = 0; rank < 25; rank++) {
    add('bid', rank);
    add('ask', rank);
  }
  return crc32(parts.join(':')) | 0;
}

const RECORDINGS: readonly Recording[] = [
  {
    title: 'a recorded spot book of 2022 has the venue’s own checksum at every update, and its trade ids are contiguous',
    files: ['cryptofeed/okx_a_btc-usdt_spot.jsonl.gz'],
    test(linesOf) {
      const spot = { ...SPOT, venueSymbol: 'BTC-USDT', base: 'BTC', tickSize: '0.1', lotSize: '0.00000001' };
      const bench = new WireBench({ ...OKX, instrument: spot });
      let last = 0;
      let right = 0;
      for (const line of linesOf('cryptofeed/okx_a_btc-usdt_spot.jsonl.gz')) {
        const { t, data } = JSON.parse(line) as { t: string; data: string };
        if (t !== 'recv') continue;
        if (!data.includes('"channel":"books"') || !data.includes('"data"')) {
          // Then the public channel gave every trade.
          bench.feed(data.replace('"channel":"trades"', '"channel":"trades-all"'));
          continue;
        }
        const parsed = JSON.parse(data) as { action: string; data: Record<string, unknown>[] };
        // Ids came later: they are given as the venue would give them now.
        for (const entry of parsed.data) {
          entry.prevSeqId = parsed.action === 'snapshot' ? -1 : last;
          entry.seqId = ++last;
        }
        bench.feed(JSON.stringify(parsed));
        expect(checksumOf(bench.sync.book), `update ${last}`).toBe(parsed.data[0]?.checksum);
        right++;
      }
      expect([right, bench.states, bench.unreadable]).toEqual([98, ['syncing', 'live'], []]);
      const ids = bench.trades.map(({ id }) => id);
      expect(ids).toEqual(Array.from({ length: 69 }, (_, i) => (ids[0] as number) + i));
    },
  },
  {
    title: 'recorded single messages of v5 say what an independent reader makes of them',
    files: ['tardis_node/okex_a.jsonl', 'crypto_msg_parser/okx_a.jsonl', 'nautilus/fixtures_okx.jsonl'],
    test(linesOf) {
      const recorded = linesOf('tardis_node/okex_a.jsonl')
        .map((line) => JSON.parse(line) as Recorded)
        .filter(({ message: raw }) => raw.arg?.channel.startsWith('trades') === true);
      for (const { message: raw, normalized } of recorded) {
        const bench = benchFor(raw.arg?.instId ?? '');
        bench.feed(JSON.stringify(raw).replace('"trades"', '"trades-all"'));
        expect(bench.trades.map(({ price, quantity, side, tsEvent }) => [price, quantity, side, tsEvent])).toEqual(
          normalized.map(({ price, amount, side, timestamp }) => [price, amount, side, Date.parse(timestamp)]),
        );
      }
      expect(recorded.length).toBe(2);
      const kinds = new Map<string, number>();
      for (const line of linesOf('crypto_msg_parser/okx_a.jsonl')) {
        const { kind, raw } = JSON.parse(line) as { kind: string; raw: string };
        const { arg } = JSON.parse(raw) as { arg?: { channel: string; instId: string } };
        if (kind !== 'trade' || arg === undefined) continue;
        const bench = benchFor(arg.instId);
        bench.feed(raw.replace('"channel":"trades"', '"channel":"trades-all"'));
        kinds.set(arg.instId, bench.trades[0]?.quantity ?? Number.NaN);
      }
      expect(kinds).toEqual(
        new Map([
          ['BTC-USDT', 0.00373695],
          ['BTC-USDT-SWAP', 0.07],
          ['BTC-USD-SWAP', 100 / 43574.9],
        ]),
      );
      const book = linesOf('nautilus/fixtures_okx.jsonl').map((line) => JSON.parse(line) as { file: string; message: unknown });
      const bench = benchFor('BTC-USDT');
      for (const name of ['ws_books_snapshot.json', 'ws_books_update.json']) {
        bench.feed(JSON.stringify(book.find(({ file }) => file.endsWith(name))?.message));
      }
      expect([bench.states, bench.sync.lastId, bench.unreadable]).toEqual([['syncing', 'live'], 123457, []]);
      expect(numbersOf(bench.sync.book).bids[0]).toEqual([8476.97, 256]);
    },
  },
];

runVenueConformance(OKX, RECORDINGS);
