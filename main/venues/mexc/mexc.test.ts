import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { Link, Track } from '../session/stream-protocol.ts';
import { answer, DEPTH_CHANNEL, EMPTY_FRAME, FUTURES_REFUSED, REFUSED, SPOT_TRADES } from './fixtures/messages.ts';
import { MexcHttp } from './http.ts';
import { contractSnapshotFromJson } from './parse.ts';
import { instrumentFrom, mexcNameOf } from './symbols.ts';
import { mexcProtocol } from './ws.ts';

const SPOT: Instrument = {
  venue: 'mexc',
  symbol: 'ETH/USDT',
  venueSymbol: 'ETHUSDT',
  kind: 'spot',
  base: 'ETH',
  quote: 'USDT',
  tickSize: '0.01',
  lotSize: '0.00001',
  minNotional: '1',
  contractMultiplier: '1',
};
const LINEAR: Instrument = {
  ...SPOT,
  symbol: 'BTC/USDT:USDT',
  venueSymbol: 'BTC_USDT',
  kind: 'linear',
  contractMultiplier: '0.0001',
};
const never = new AbortController().signal;

function httpOver(answerOf: (url: URL) => unknown, asked: URL[] = []): MexcHttp {
  return new MexcHttp({
    restUrl: 'https://spot.example',
    futuresRestUrl: 'https://futures.example',
    timeoutMs: 1_000,
    wall: new ManualClock(1_800_000_000_000),
    fetch: (input) => {
      const url = new URL(String(input));
      asked.push(url);
      return Promise.resolve(Response.json(answerOf(url)));
    },
  });
}

function linkOf(lane: string, heard: string[], tracks: readonly Track[] = []): Link {
  const nothing = (): void => {};
  return {
    tracks,
    lane,
    tsReceived: 0,
    onHeard: () => heard.push('heard'),
    onDelta: nothing,
    onTrade: nothing,
    onKline: (_track, candle, closed) => heard.push(`${candle.openTime} ${closed ? 'closed' : 'open'}`),
    onUnreadable: (_track, kind, reason) => heard.push(`${kind}: ${reason}`),
    invalidateAll: nothing,
    onOdd: (reason) => heard.push(`odd: ${reason}`),
    send: nothing,
    rotate: nothing,
    drop: nothing,
  };
}

describe('MEXC’s streams', () => {
  const protocol = mexcProtocol(
    { spot: 'wss://spot.example/ws', futures: 'wss://futures.example/edge' },
    httpOver(() => ({})),
  );

  it('has a lane, an address, subscriptions and a ping of their own for spot and for futures', () => {
    expect([protocol.lanes(SPOT), protocol.lanes(LINEAR)]).toEqual([['spot'], ['futures']]);
    expect(protocol.address('spot', [SPOT], never)).toBe('wss://spot.example/ws');
    expect(protocol.address('futures', [LINEAR], never)).toBe('wss://futures.example/edge');
    expect(protocol.keepAlive?.message('spot')).toBe('{"method":"PING"}');
    expect(protocol.keepAlive?.message('futures')).toBe('{"method":"ping"}');
    const [request] = protocol.subscribe('spot', [SPOT]);
    expect(JSON.parse(request ?? '')).toEqual({
      method: 'SUBSCRIPTION',
      params: [DEPTH_CHANNEL, 'spot@public.aggre.deals.v3.api.pb@100ms@ETHUSDT', 'spot@public.kline.v3.api.pb@ETHUSDT@Min1'],
    });
    expect(protocol.subscribe('futures', [LINEAR])).toEqual([
      '{"method":"sub.depth","param":{"symbol":"BTC_USDT"},"gzip":false}',
      '{"method":"sub.deal","param":{"symbol":"BTC_USDT","compress":false},"gzip":false}',
      '{"method":"sub.kline","param":{"symbol":"BTC_USDT","interval":"Min1"},"gzip":false}',
    ]);
  });

  it('stays within 30 subscriptions a connection', () => {
    const many = Array.from({ length: protocol.instrumentsPerConnection }, (_, i) => ({ ...SPOT, venueSymbol: `A${i}USDT` }));
    const params = protocol.subscribe('spot', many).flatMap((text) => (JSON.parse(text) as { params: string[] }).params);
    expect(params.length).toBe(30);
  });

  it('tells of refusals, which come with code 0 on spot, and hears a frame without a body', () => {
    const heard: string[] = [];
    protocol.wire(linkOf('spot', heard)).onMessage(Buffer.from(REFUSED), false);
    protocol.wire(linkOf('futures', heard)).onMessage(Buffer.from(FUTURES_REFUSED), false);
    expect(heard).toEqual([
      expect.stringMatching(/^odd: MEXC refused a request \(0\): Not Subscribed/),
      'odd: MEXC refused a request: Contract [NONE_USDT] not exists',
    ]);
    heard.length = 0;
    const track: Track = { instrument: SPOT, tick: { units: 1, decimals: 2 }, lot: { units: 1, decimals: 8 } };
    protocol.wire(linkOf('spot', heard, [track])).onMessage(EMPTY_FRAME, true);
    expect(heard).toEqual(['heard']);
  });

  it('makes ids for deals of a contract that come without', () => {
    const trades: Trade[] = [];
    const track: Track = { instrument: LINEAR, tick: { units: 1, decimals: 1 }, lot: { units: 1, decimals: 0 } };
    const wire = protocol.wire({ ...linkOf('futures', [], [track]), onTrade: (_track, trade) => trades.push(trade) });
    const deal = { p: 2, v: 5, T: 1, O: 3, M: 1, t: 1723161255342 };
    const push = Buffer.from(JSON.stringify({ channel: 'push.deal', symbol: 'BTC_USDT', data: [deal, deal] }));
    wire.onMessage(push, false);
    wire.onMessage(push, false);
    expect([trades.length, new Set(trades.map(({ id }) => id)).size]).toEqual([4, 2]);
  });

  it('closes a candle when the next one begins', () => {
    const heard: string[] = [];
    const track: Track = { instrument: LINEAR, tick: { units: 1, decimals: 1 }, lot: { units: 1, decimals: 0 } };
    const wire = protocol.wire(linkOf('futures', heard, [track]));
    for (const t of [1723161240, 1723161240, 1723161300]) {
      const data = { t, o: 2, h: 3, l: 1, c: 2, q: 5, a: 10, interval: 'Min1', symbol: 'BTC_USDT' };
      wire.onMessage(Buffer.from(JSON.stringify({ channel: 'push.kline', symbol: 'BTC_USDT', data })), false);
    }
    expect(heard.filter((text) => text !== 'heard')).toEqual([
      '1723161240000 open',
      '1723161240000 open',
      '1723161240000 closed',
      '1723161300000 open',
    ]);
  });
});

describe('MEXC’s REST', () => {
  it('asks each host for its own, pages spot candles by 500, and refuses candles of a second', async () => {
    const asked: URL[] = [];
    const http = httpOver((url) => {
      const rows: unknown[][] = [];
      for (let t = Number(url.searchParams.get('startTime')); t <= Number(url.searchParams.get('endTime')); t += 3_600_000) {
        rows.push([t, '10', '12', '9', '11', '3', t + 3_600_000, '33']);
      }
      return rows;
    }, asked);
    const from = 1_700_000_000_000 - (1_700_000_000_000 % 3_600_000);
    const candles = await http.candles(SPOT, '1h', from, from + 2_000 * 3_600_000, 1_000);
    expect(candles.ok && candles.value.map(({ openTime }) => openTime)).toEqual(
      Array.from({ length: 1_000 }, (_, i) => from + i * 3_600_000),
    );
    expect(asked.map((url) => [url.host, url.searchParams.get('interval'), url.searchParams.get('limit')])).toEqual([
      ['spot.example', '60m', '500'],
      ['spot.example', '60m', '500'],
    ]);
    asked.length = 0;
    expect(await http.candles(SPOT, '1s', from, from + 10_000, 10)).toMatchObject({
      ok: false,
      error: { code: 'VENUE_REFUSED' },
    });
    expect(asked).toEqual([]);
    await http.candles(LINEAR, '1d', 0, 86_400_000, 1);
    expect(String(asked[0])).toBe('https://futures.example/api/v1/contract/kline/BTC_USDT?interval=Day1&start=0&end=86399');
  });

  it('gives spot trades the ids that the stream gives them, oldest first', async () => {
    const answered = await httpOver(() => SPOT_TRADES).trades(SPOT, never);
    expect(answered.ok && answered.value.map(({ price, side, tsEvent }) => [price, side, tsEvent])).toEqual([
      [2302.37, 'buy', 1723161255342],
      [2302.36, 'sell', 1723161255343],
    ]);
    const full = Array.from({ length: 1_000 }, (_, i) => ({ ...SPOT_TRADES[0], time: 1723161255343 - Math.floor(i / 3) }));
    const cut = await httpOver(() => full).trades(SPOT, never);
    expect(cut.ok && [cut.value.length, new Set(cut.value.map(({ id }) => id)).size]).toEqual([999, 999]);
  });

  it('does not take deals of a contract that cannot be matched to the stream’s', async () => {
    const answered = await httpOver(() => answer([{ p: 1, v: 1, T: 1, t: 1723161255343 }])).trades(LINEAR, never);
    expect(answered).toMatchObject({ ok: false, error: { code: 'VENUE_BAD_ANSWER' } });
  });

  it('takes a page of the firewall for what it is: too many requests', async () => {
    const http = new MexcHttp({
      restUrl: 'https://spot.example',
      timeoutMs: 1_000,
      wall: new ManualClock(1_800_000_000_000),
      fetch: () => Promise.resolve(new Response('<HTML><HEAD><TITLE>Access Denied</TITLE></HEAD></HTML>', { status: 403 })),
    });
    expect(await http.serverTime()).toMatchObject({ ok: false, error: { code: 'VENUE_RATE_LIMITED' } });
    expect(http.blockedForMs).toBeGreaterThan(0);
  });

  it('knows how far a snapshot of a contract reaches', () => {
    const levels = (count: number, first: number, step: number) =>
      Array.from({ length: count }, (_, i) => [first + i * step, 7, 1]);
    const data = { asks: levels(3, 101, 1), bids: levels(2, 100, -1), version: 5 };
    const read = contractSnapshotFromJson(data, 3, { units: 1, decimals: 1 }, { units: 1, decimals: 0 });
    expect(read).toMatchObject({ ok: true, value: { lastUpdateId: 5, reach: { bid: 0, ask: 1_030 } } });
  });

  it('stays away when it is told within an answer that it asked too much', async () => {
    const http = httpOver(() => ({ success: false, code: 510, message: 'Requests are too frequent' }));
    expect(await http.trades(LINEAR, never)).toMatchObject({ ok: false, error: { code: 'VENUE_RATE_LIMITED' } });
    expect(http.blockedForMs).toBe(2_000);
  });
});

describe('MEXC’s symbols', () => {
  it('are named as ccxt does', () => {
    expect(mexcNameOf('BTC/USDT')).toMatchObject({ kind: 'spot', venueSymbol: 'BTCUSDT' });
    expect(mexcNameOf('BTC/USDT:USDT')).toMatchObject({ kind: 'linear', venueSymbol: 'BTC_USDT' });
    expect(mexcNameOf('BTC/USD:BTC')).toMatchObject({ kind: 'inverse', venueSymbol: 'BTC_USD' });
    expect([mexcNameOf('BTC/USDT:ETH'), mexcNameOf('btcusdt'), mexcNameOf('BTC/USDT:USDT-240628')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('are not traded when paused, of another settlement, or without steps', () => {
    const name = mexcNameOf('ETH/USDT');
    const linear = mexcNameOf('BTC/USDT:USDT');
    if (name === undefined || linear === undefined) throw new Error('no name');
    const spot = {
      symbol: 'ETHUSDT',
      status: '1',
      baseAsset: 'ETH',
      quoteAsset: 'USDT',
      quotePrecision: 2,
      baseAssetPrecision: '5',
      quoteAmountPrecision: '1',
    };
    expect(instrumentFrom(spot, 'ETH/USDT', name)).toEqual(SPOT);
    for (const change of [
      { status: '2' },
      { isSpotTradingAllowed: false },
      { quotePrecision: -1 },
      { baseAssetPrecision: 'x' },
      { baseAsset: 'BTC' },
    ]) {
      expect(instrumentFrom({ ...spot, ...change }, 'ETH/USDT', name), JSON.stringify(change)).toBeUndefined();
    }
    const contract = {
      symbol: 'BTC_USDT',
      baseCoin: 'BTC',
      quoteCoin: 'USDT',
      settleCoin: 'USDT',
      contractSize: 1e-7,
      priceUnit: 0.1,
      volUnit: 1,
      minVol: 1,
      state: 0,
    };
    expect(instrumentFrom(contract, 'BTC/USDT:USDT', linear)).toMatchObject({ contractMultiplier: '0.0000001', tickSize: '0.1' });
    for (const change of [{ state: 1 }, { settleCoin: 'BTC' }, { contractSize: 0 }, { priceUnit: '0.1' }]) {
      expect(instrumentFrom({ ...contract, ...change }, 'BTC/USDT:USDT', linear), JSON.stringify(change)).toBeUndefined();
    }
  });
});
