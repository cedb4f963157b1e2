import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import { emptyDelta } from '../session/depth-delta.ts';
import type { Link, Track } from '../session/stream-protocol.ts';
import { answer, ETH_USDT, grant, INSTRUMENTS, REFUSED, TRADE, TRADES } from './fixtures/messages.ts';
import { KucoinHttp } from './http.ts';
import { contractDepthFromJson, depthFromJson, snapshotFromJson, tradeFromJson } from './parse.ts';
import { instrumentFrom, kucoinNameOf } from './symbols.ts';
import { KUCOIN_RULE } from './sync.ts';
import { kucoinProtocol } from './ws.ts';

const SPOT: Instrument = {
  venue: 'kucoin',
  symbol: 'ETH/USDT',
  venueSymbol: 'ETH-USDT',
  kind: 'spot',
  base: 'ETH',
  quote: 'USDT',
  tickSize: '0.01',
  lotSize: '0.0000001',
  minNotional: '0.1',
  contractMultiplier: '1',
};
const LINEAR: Instrument = {
  ...SPOT,
  symbol: 'BTC/USDT:USDT',
  venueSymbol: 'XBTUSDTM',
  kind: 'linear',
  contractMultiplier: '0.001',
};
const TICK = { units: 1, decimals: 2 };
const LOT = { units: 1, decimals: 8 };
const never = new AbortController().signal;

interface Asked {
  readonly method: string | undefined;
  readonly url: URL;
}

function httpOver(answerOf: (url: URL) => unknown, asked: Asked[] = []): KucoinHttp {
  return new KucoinHttp({
    restUrl: 'https://spot.example',
    futuresRestUrl: 'https://futures.example',
    timeoutMs: 1_000,
    wall: new ManualClock(1_800_000_000_000),
    fetch: (input, init) => {
      const url = new URL(String(input));
      asked.push({ method: init?.method, url });
      return Promise.resolve(Response.json(answerOf(url)));
    },
  });
}

describe('KuCoin’s streams', () => {
  it('ask REST for a server and a token before each connection, spot and futures of their own hosts, and ping as told', async () => {
    const asked: Asked[] = [];
    const protocol = kucoinProtocol(
      httpOver(({ host }) => {
        const given = grant(`wss://ws.${host}/`) as { data: { instanceServers: { pingInterval: number }[] } };
        (given.data.instanceServers[0] as { pingInterval: number }).pingInterval = 12_345;
        return given;
      }, asked),
    );
    expect([protocol.lanes(SPOT), protocol.lanes(LINEAR), protocol.keepAlive?.everyMs]).toEqual([['spot'], ['futures'], 18_000]);
    const spot = await protocol.address('spot', [SPOT], never);
    expect(spot).toMatchObject({ ok: true, value: expect.stringMatching(/^wss:\/\/ws\.spot\.example\/\?token=2neA/) });
    const token = typeof spot === 'object' && spot.ok ? new URL(spot.value).searchParams.get('token') : undefined;
    expect(token).toMatch(/J2g==\.28mIdGU0xg5pJ6TpPYIhjg==$/);
    expect(await protocol.address('futures', [LINEAR], never)).toMatchObject({
      ok: true,
      value: expect.stringMatching(/^wss:\/\/ws\.futures\.example\//),
    });
    expect(asked.map(({ method, url }) => [method, String(url)])).toEqual([
      ['POST', 'https://spot.example/api/v1/bullet-public'],
      ['POST', 'https://futures.example/api/v1/bullet-public'],
    ]);
    expect(protocol.keepAlive?.everyMs).toBe(12_345);
    expect(protocol.keepAlive?.message('spot')).toMatch(/^\{"id":"\d+","type":"ping"\}$/);
  });

  it('go to no address that is none', async () => {
    for (const given of [
      grant('https://ws.example'),
      grant('nowhere'),
      answer({ token: 'x', instanceServers: [] }),
      answer(null),
    ]) {
      const address = await kucoinProtocol(httpOver(() => given)).address('spot', [SPOT], never);
      expect(address).toMatchObject({ ok: false, error: { code: 'VENUE_BAD_ANSWER' } });
    }
  });

  it('subscribe topic by topic, books first, and take no streamed candles of futures', () => {
    const protocol = kucoinProtocol(httpOver(() => answer(null)));
    const topics = (lane: string, list: readonly Instrument[]): string[] =>
      protocol.subscribe(lane, list).map((text) => (JSON.parse(text) as { topic: string }).topic);
    expect(topics('spot', [SPOT, { ...SPOT, venueSymbol: 'BTC-USDT' }])).toEqual([
      '/market/level2:ETH-USDT',
      '/market/level2:BTC-USDT',
      '/market/match:ETH-USDT',
      '/market/match:BTC-USDT',
      '/market/candles:ETH-USDT_1min',
      '/market/candles:BTC-USDT_1min',
    ]);
    expect(topics('futures', [LINEAR])).toEqual(['/contractMarket/level2:XBTUSDTM', '/contractMarket/execution:XBTUSDTM']);
  });

  it('tell of refusals', () => {
    const odd: string[] = [];
    const nothing = (): void => {};
    const track: Track = { instrument: SPOT, tick: TICK, lot: LOT };
    const link: Link = {
      tracks: [track],
      lane: 'spot',
      tsReceived: 0,
      onHeard: nothing,
      onDelta: nothing,
      onTrade: nothing,
      onKline: nothing,
      onUnreadable: nothing,
      invalidateAll: nothing,
      onOdd: (reason) => odd.push(reason),
      send: nothing,
      rotate: nothing,
      drop: nothing,
    };
    kucoinProtocol(httpOver(() => answer(null)))
      .wire(link)
      .onMessage(Buffer.from(REFUSED), false);
    expect(odd).toEqual(['KuCoin refused a request (404): topic /market/level2:NONE-USDT is not found']);
  });
});

describe('KuCoin’s books', () => {
  const update = (bids: unknown, asks: unknown = []): object => ({
    changes: { bids, asks },
    sequenceStart: 15,
    sequenceEnd: 19,
    symbol: 'ETH-USDT',
    time: 1723161255342,
  });

  it('step over a price of 0, at which only the sequence changes', () => {
    const out = emptyDelta(2);
    expect(
      depthFromJson(
        update([
          ['0', '0', '16'],
          ['2302.37', '1.5', '17'],
        ]),
        TICK,
        LOT,
        out,
      ).ok,
    ).toBe(true);
    expect([out.firstId, out.finalId, out.bidCount, out.bidTicks[0], out.bidLots[0]]).toEqual([15, 19, 1, 230_237, 150_000_000]);
    for (const bids of [[['-1', '1', '16']], [['2302.375', '1', '16']], [['1', 'x', '16']], [[1, 2]], 'none', [null]]) {
      expect(depthFromJson(update(bids), TICK, LOT, out).ok, JSON.stringify(bids)).toBe(false);
    }
    expect(depthFromJson({ ...update([]), sequenceStart: 20 }, TICK, LOT, out).ok).toBe(false);
  });

  it('read the one level of a futures update', () => {
    const out = emptyDelta(2);
    const data = { sequence: 17, change: '90631.2,sell,2', timestamp: 1731897467182 };
    expect(contractDepthFromJson(data, TICK, { units: 1, decimals: 3 }, out).ok).toBe(true);
    expect([out.finalId, out.bidCount, out.askCount, out.askTicks[0], out.askLots[0]]).toEqual([17, 0, 1, 9_063_120, 2_000]);
    for (const change of ['90631.2,up,2', '90631.2,sell', '90631.2,sell,2,3', ',buy,1', 5, undefined]) {
      expect(contractDepthFromJson({ ...data, change }, TICK, LOT, out).ok, String(change)).toBe(false);
    }
  });

  it('may overlap what is known, but not leave a hole', () => {
    const delta = (firstId: number, finalId: number) => ({ ...emptyDelta(0), firstId, finalId });
    const relate = (firstId: number, finalId: number, bridging = false) =>
      KUCOIN_RULE.relate(delta(firstId, finalId), 16, bridging);
    expect([relate(15, 19), relate(17, 17), relate(18, 19), relate(10, 16), relate(10, 15), relate(10, 16, true)]).toEqual([
      'next',
      'next',
      'gap',
      'old',
      'old',
      'contained',
    ]);
  });

  it('know how far a snapshot of the best hundred levels reaches', () => {
    const side = (count: number, first: number, step: number) =>
      Array.from({ length: count }, (_, i) => [(first + i * step).toFixed(2), '1']);
    const read = (bids: number, asks: number) =>
      snapshotFromJson({ sequence: '9', bids: side(bids, 2302, -0.5), asks: side(asks, 2303, 0.5) }, 100, TICK, LOT);
    expect(read(100, 100)).toMatchObject({ ok: true, value: { lastUpdateId: 9, reach: { bid: 225_250, ask: 235_250 } } });
    expect(read(99, 0)).toMatchObject({ ok: true, value: { reach: { bid: 0, ask: Number.POSITIVE_INFINITY } } });
  });
});

describe('KuCoin’s REST', () => {
  it('gives spot trades the ids that the stream gives them, oldest first whichever way they come', async () => {
    const streamed = tradeFromJson(
      (JSON.parse(TRADE) as { data: unknown }).data,
      { kind: 'spot', multiplier: { units: 1, decimals: 0 } },
      0,
    );
    const { data } = TRADES as { data: unknown[] };
    for (const rows of [data, [...data].reverse()]) {
      const answered = await httpOver(() => answer(rows)).trades(SPOT, never);
      expect(answered.ok && answered.value.map(({ side }) => side)).toEqual(['buy', 'sell']);
      expect(answered.ok && answered.value[0]?.id).toBe(streamed.ok && streamed.value.id);
    }
  });

  it('pages futures candles by 500, asks spot in seconds, and refuses what KuCoin does not tell', async () => {
    const asked: Asked[] = [];
    const http = httpOver((url) => {
      const rows: unknown[][] = [];
      for (let t = Number(url.searchParams.get('from')); t <= Number(url.searchParams.get('to')); t += 3_600_000) {
        rows.push([t, 10, 12, 9, 11, 3000]);
      }
      return answer(rows);
    }, asked);
    const from = 1_700_000_000_000 - (1_700_000_000_000 % 3_600_000);
    const candles = await http.candles(LINEAR, '1h', from, from + 5_000 * 3_600_000, 1_000);
    expect(candles.ok && candles.value.map(({ openTime, volume }) => [openTime, volume])).toEqual(
      Array.from({ length: 1_000 }, (_, i) => [from + i * 3_600_000, 3]),
    );
    expect(asked.map(({ url }) => [url.host, url.searchParams.get('granularity')])).toEqual([
      ['futures.example', '60'],
      ['futures.example', '60'],
    ]);
    asked.length = 0;
    for (const [instrument, timeframe] of [
      [SPOT, '1s'],
      [{ ...LINEAR, kind: 'inverse' }, '1m'],
    ] as const) {
      expect(await http.candles(instrument, timeframe, from, from + 60_000, 1)).toMatchObject({
        error: { code: 'VENUE_REFUSED' },
      });
    }
    expect(asked).toEqual([]);
    await http.candles(SPOT, '1d', 0, 86_400_000, 1);
    expect(String(asked[0]?.url)).toBe(
      'https://spot.example/api/v1/market/candles?symbol=ETH-USDT&type=1day&startAt=0&endAt=86400',
    );
  });

  it('stays away when it is told within an answer that it asked too much', async () => {
    const http = httpOver(() => ({ code: '429000', msg: 'Too Many Requests' }));
    expect(await http.serverTime()).toMatchObject({ ok: false, error: { code: 'VENUE_RATE_LIMITED' } });
    expect(http.blockedForMs).toBe(30_000);
  });
});

describe('KuCoin’s symbols', () => {
  it('are named as ccxt does, Bitcoin XBT on futures', () => {
    expect(kucoinNameOf('BTC/USDT')).toMatchObject({ kind: 'spot', venueSymbol: 'BTC-USDT' });
    expect(kucoinNameOf('BTC/USDT:USDT')).toMatchObject({ kind: 'linear', venueSymbol: 'XBTUSDTM' });
    expect(kucoinNameOf('ETH/USDC:USDC')).toMatchObject({ kind: 'linear', venueSymbol: 'ETHUSDCM' });
    expect(kucoinNameOf('BTC/USD:BTC')).toMatchObject({ kind: 'inverse', venueSymbol: 'XBTUSDM' });
    expect([kucoinNameOf('BTC/USDT:ETH'), kucoinNameOf('btc-usdt'), kucoinNameOf('BTC/USDT:USDT-240628')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('are not traded when paused, dated, of another kind, or without steps', () => {
    const spot = kucoinNameOf('ETH/USDT');
    const linear = kucoinNameOf('BTC/USDT:USDT');
    if (spot === undefined || linear === undefined) throw new Error('no name');
    expect(instrumentFrom(ETH_USDT, 'ETH/USDT', spot)).toEqual(SPOT);
    for (const change of [{ enableTrading: false }, { priceIncrement: '0' }, { baseIncrement: undefined }, { symbol: 'X' }]) {
      expect(instrumentFrom({ ...ETH_USDT, ...change }, 'ETH/USDT', spot), JSON.stringify(change)).toBeUndefined();
    }
    const { data } = INSTRUMENTS['/api/v1/contracts/XBTUSDTM'] as { data: object };
    expect(instrumentFrom(data, 'BTC/USDT:USDT', linear)).toMatchObject({ contractMultiplier: '0.001', tickSize: '0.1' });
    for (const change of [
      { status: 'Paused' },
      { type: 'FFICSX' },
      { isInverse: true },
      { multiplier: -1 },
      { settleCurrency: 'XBT' },
    ]) {
      expect(instrumentFrom({ ...data, ...change }, 'BTC/USDT:USDT', linear), JSON.stringify(change)).toBeUndefined();
    }
  });
});
