import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { type DecimalStep, decimalStep } from '../../../core/market/decimal-parse.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { Link } from '../session/stream-protocol.ts';
import { answer, CANDLE, REFUSED } from './fixtures/messages.ts';
import { KrakenHttp } from './http.ts';
import { krakenNameOf } from './symbols.ts';
import { krakenProtocol } from './ws.ts';

const ETH: Instrument = {
  venue: 'kraken',
  symbol: 'ETH/USD',
  venueSymbol: 'ETH/USD',
  kind: 'spot',
  base: 'ETH',
  quote: 'USD',
  tickSize: '0.01',
  lotSize: '0.00000001',
  minNotional: '0.5',
  contractMultiplier: '1',
};

function httpOver(answerOf: (url: URL) => unknown, asked: URL[] = []): KrakenHttp {
  return new KrakenHttp({
    restUrl: 'http://rest.example',
    timeoutMs: 1_000,
    wall: new ManualClock(1_800_000_000_000),
    fetch: async (input) => {
      const url = new URL(String(input));
      asked.push(url);
      return Response.json(answerOf(url));
    },
  });
}

function listen(): { wire: (text: string) => void; heard: string[] } {
  const heard: string[] = [];
  const nothing = (): void => {};
  const link: Link = {
    tracks: [{ instrument: ETH, tick: decimalStep('0.01') as DecimalStep, lot: decimalStep('0.00000001') as DecimalStep }],
    lane: 'spot',
    tsReceived: 0,
    onHeard: nothing,
    onDelta: nothing,
    onTrade: nothing,
    onKline: (_, candle, closed) => heard.push(`${candle.openTime} ${candle.close} ${closed}`),
    onUnreadable: nothing,
    invalidateAll: (reason) => heard.push(`invalid: ${reason}`),
    onOdd: (reason) => heard.push(`odd: ${reason}`),
    send: nothing,
    rotate: nothing,
    drop: nothing,
  };
  const wire = krakenProtocol(
    'wss://ws.example/v2',
    httpOver(() => answer({})),
  ).wire(link);
  return { wire: (text) => wire.onMessage(Buffer.from(text), false), heard };
}

describe('Kraken’s stream', () => {
  it('subscribes to books of a thousand levels, trades and minute candles', () => {
    const protocol = krakenProtocol(
      'wss://ws.example/v2',
      httpOver(() => answer({})),
    );
    expect(protocol.subscribe('spot', [ETH])).toEqual([
      '{"method":"subscribe","params":{"channel":"book","depth":1000,"snapshot":true,"symbol":["ETH/USD"]}}',
      '{"method":"subscribe","params":{"channel":"trade","snapshot":false,"symbol":["ETH/USD"]}}',
      '{"method":"subscribe","params":{"channel":"ohlc","interval":1,"snapshot":false,"symbol":["ETH/USD"]}}',
    ]);
    expect(protocol.resubscribe(ETH)[0]).toBe(
      '{"method":"unsubscribe","params":{"channel":"book","depth":1000,"symbol":["ETH/USD"]}}',
    );
    expect(protocol.keepAlive?.message('spot')).toBe('{"method":"ping"}');
  });

  it('closes a candle when the next one begins', () => {
    const { wire, heard } = listen();
    wire(CANDLE);
    wire(CANDLE.replace('2302.37', '2302.40'));
    wire(CANDLE.replace('23:54:00.000000000', '23:55:00.000000000'));
    // A late word about the old one does not open it again.
    wire(CANDLE);
    wire(CANDLE.replace('23:54:00.000000000', '23:55:00.000000000'));
    expect(heard).toEqual([
      '1723161240000 2302.37 false',
      '1723161240000 2302.4 false',
      '1723161240000 2302.4 true',
      '1723161300000 2302.37 false',
      '1723161240000 2302.37 false',
      '1723161300000 2302.37 false',
    ]);
  });

  it('doubts every book when it gets what cannot be read, and tells of refusals', () => {
    const { wire, heard } = listen();
    wire('{"channel":"book","type":"update","da');
    wire(REFUSED);
    wire('{"channel":"book","type":"update","data":[{"symbol":"NO/NE"}]}');
    expect(heard).toEqual([
      'odd: unknown message: {"channel":"book","type":"update","da',
      'invalid: an unreadable message',
      'odd: Kraken refused to subscribe: Currency pair not supported NO/NE',
      'odd: unknown message: {"symbol":"NO/NE"}',
      'invalid: a book message of no known instrument',
    ]);
  });
});

describe('Kraken’s REST', () => {
  it('pages from the last known trade on', async () => {
    const asked: URL[] = [];
    const at = 1_723_161_255;
    const http = httpOver((url) => {
      const since = Number(BigInt(url.searchParams.get('since') ?? '0') / 1_000_000n) / 1000;
      const first = Math.max(0, Math.ceil((since - at) * 10));
      const rows = Array.from({ length: Math.min(1_000, 1_500 - first) }, (_, i) => [
        '2302.3',
        '1.5',
        at + (first + i) / 10,
        's',
        'l',
        '',
        5_000 + first + i,
      ]);
      return answer({ XETHZUSD: rows, last: `${Math.round((at + (first + rows.length - 1) / 10) * 1000)}000000` });
    }, asked);
    const answered = await http.trades(ETH, { id: 5_000, time: at * 1000 }, new AbortController().signal);
    expect(answered.ok && answered.value.map(({ id }) => id)).toEqual(Array.from({ length: 1_500 }, (_, i) => 5_000 + i));
    expect(asked.length).toBe(2);
    expect(asked[0]?.searchParams.get('since')).toBe('1723161254999000000');
  });

  it('offers no candles below a minute, and stays away when it asked too much', async () => {
    const http = httpOver(() => ({ error: ['EGeneral:Too many requests'] }));
    expect(await http.candles(ETH, '1s', 0, 1_000, 1)).toMatchObject({ ok: false, error: { code: 'VENUE_REFUSED' } });
    expect(await http.serverTime()).toMatchObject({ ok: false, error: { code: 'VENUE_RATE_LIMITED' } });
    expect(http.blockedForMs).toBe(5_000);
  });

  it('names coins as Kraken’s REST does', () => {
    expect(krakenNameOf('BTC/USD')).toMatchObject({ venueSymbol: 'BTC/USD', pair: 'XBTUSD' });
    expect(krakenNameOf('DOGE/BTC')?.pair).toBe('XDGXBT');
    expect([krakenNameOf('BTC/USD:USD'), krakenNameOf('XBTUSD')]).toEqual([undefined, undefined]);
  });
});
