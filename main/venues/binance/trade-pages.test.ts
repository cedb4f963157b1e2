import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import { BinanceHttp } from './http.ts';
import { marketOf } from './markets.ts';

const ETH: Instrument = {
  venue: 'binance',
  symbol: 'ETH/USDT',
  venueSymbol: 'ETHUSDT',
  kind: 'spot',
  base: 'ETH',
  quote: 'USDT',
  tickSize: '0.01',
  lotSize: '0.0001',
  minNotional: '5',
  contractMultiplier: '1',
};
const NEWEST = 5_000;

const row = (id: number) => ({ id, price: '200.00', qty: '1.0000', time: 1_587_000_000_000 + id, isBuyerMaker: false });
const rows = (from: number, to: number): object[] => Array.from({ length: to - from + 1 }, (_, i) => row(from + i));

/** Binance's trades 1 to NEWEST; `refused` answers for those that are not among the newest thousand. */
function venue(refused?: { status: number; body: string }) {
  const asked: string[] = [];
  const fetched: typeof fetch = async (input) => {
    const { pathname, searchParams } = new URL(String(input));
    asked.push(`${pathname.split('/').at(-1)} ${searchParams.get('fromId') ?? ''}`.trim());
    if (!pathname.endsWith('/historicalTrades')) return Response.json(rows(NEWEST - 999, NEWEST));
    if (refused !== undefined) return new Response(refused.body, { status: refused.status });
    const from = Number(searchParams.get('fromId'));
    return Response.json(rows(from, Math.min(NEWEST, from + 999)));
  };
  const wall = new ManualClock(1_000_000);
  return {
    asked,
    http: (kind: Instrument['kind']) =>
      new BinanceHttp({ restUrl: 'http://venue', timeoutMs: 1_000, wall, fetch: fetched }, marketOf(kind)),
  };
}

async function idsAfter(http: BinanceHttp, id: number): Promise<number[]> {
  const trades = await http.trades(ETH, { id, time: 0 }, new AbortController().signal);
  if (!trades.ok) throw new Error(trades.error.message);
  return trades.value.map((trade) => trade.id);
}

const from = (first: number): number[] => Array.from({ length: NEWEST - first + 1 }, (_, i) => first + i);

describe('the trades after one that is known', () => {
  it('are the newest thousand where those reach back to it', async () => {
    const { asked, http } = venue();
    expect(await idsAfter(http('spot'), 4_000)).toEqual(from(4_001));
    expect(await idsAfter(http('spot'), 4_900)).toEqual(from(4_001));
    expect(asked).toEqual(['trades', 'trades']);
  });

  it('are fetched page by page where they do not, once each', async () => {
    const { asked, http } = venue();
    expect(await idsAfter(http('spot'), 1_500)).toEqual(from(1_501));
    expect(asked).toEqual(['trades', 'historicalTrades 1501', 'historicalTrades 2501', 'historicalTrades 3501']);
  });

  it('are the newest thousand where the older ones are refused, where none is known, and of contracts', async () => {
    const refusal = { status: 401, body: '{"code":-2014,"msg":"API-key format invalid."}' };
    expect(await idsAfter(venue(refusal).http('spot'), 1_500)).toEqual(from(4_001));
    const { asked, http } = venue();
    expect(await idsAfter(http('spot'), -1)).toEqual(from(4_001));
    expect(await idsAfter(http('linear'), 1_500)).toEqual(from(4_001));
    expect(asked).toEqual(['trades', 'trades']);
  });
});
