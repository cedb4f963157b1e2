import type { Listing } from '../listings.ts';
import { type Steps, stepsOf } from '../protocol/steps.ts';
import type { Kline } from '../simulation/kline.ts';
import type { TradeEvent } from '../simulation/symbol-market.ts';

type Levels = readonly (readonly [number, number])[];

/** Decimals of turnovers and of inverse candles' base volumes. */
const AMOUNT_DECIMALS = 8;

/** Writes one listing's market data as Bybit v5 does. Field order follows the recordings: spot has `ts` before `type`. */
export class BybitWire {
  readonly listing: Listing;
  readonly #symbol: string;
  readonly #steps: Steps;
  readonly #spot: boolean;

  constructor(listing: Listing) {
    this.listing = listing;
    this.#symbol = listing.venueSymbol;
    this.#steps = stepsOf(listing.instrument);
    this.#spot = listing.kind === 'spot';
  }

  book(type: 'snapshot' | 'delta', topic: string, time: number, update: number, seq: number, bids: Levels, asks: Levels): string {
    return this.#envelope(type, topic, time, update, seq, this.#levels(bids), this.#levels(asks));
  }

  /** A delta with one bid of whatever texts. */
  bookLevel(topic: string, time: number, update: number, seq: number, price: string, size: string): string {
    return this.#envelope('delta', topic, time, update, seq, `[["${price}","${size}"]]`, '[]');
  }

  /** The result of `GET /v5/market/orderbook`. */
  bookResult(time: number, update: number, seq: number, bids: Levels, asks: Levels): string {
    return `{"s":"${this.#symbol}","b":${this.#levels(bids)},"a":${this.#levels(asks)},"ts":${time},"u":${update},"seq":${seq},"cts":${time}}`;
  }

  trade(topic: string, time: number, trade: TradeEvent): string {
    const { tick, lot } = this.#steps;
    const side = trade.buy ? 'Buy' : 'Sell';
    return (
      `{"topic":"${topic}","ts":${time},"type":"snapshot","data":[{"i":"${this.#tradeId(trade.id)}","T":${time},"p":"${tick.text(trade.price)}",` +
      `"v":"${lot.text(trade.lots)}","S":"${side}","s":"${this.#symbol}","BT":false}]}`
    );
  }

  tradeRow(trade: TradeEvent): string {
    const { tick, lot } = this.#steps;
    return (
      `{"execId":"${this.#tradeId(trade.id)}","symbol":"${this.#symbol}","price":"${tick.text(trade.price)}","size":"${lot.text(trade.lots)}",` +
      `"side":"${trade.buy ? 'Buy' : 'Sell'}","time":"${trade.time}","isBlockTrade":false}`
    );
  }

  kline(topic: string, time: number, interval: string, kline: Kline, confirm: boolean): string {
    const { tick } = this.#steps;
    return (
      `{"topic":"${topic}","data":[{"start":${kline.openTime},"end":${kline.closeTime},"interval":"${interval}","open":"${tick.text(kline.open)}",` +
      `"close":"${tick.text(kline.close)}","high":"${tick.text(kline.high)}","low":"${tick.text(kline.low)}","volume":"${this.#volume(kline)}",` +
      `"turnover":"${this.#turnover(kline)}","confirm":${confirm},"timestamp":${time}}],"ts":${time},"type":"snapshot"}`
    );
  }

  klineRow(kline: Kline): string {
    const { tick } = this.#steps;
    return `["${kline.openTime}","${tick.text(kline.open)}","${tick.text(kline.high)}","${tick.text(kline.low)}","${tick.text(kline.close)}","${this.#volume(kline)}","${this.#turnover(kline)}"]`;
  }

  /** An entry of `GET /v5/market/instruments-info`. */
  instrument(): object {
    const { instrument, kind } = this.listing;
    const { tick, lot } = this.#steps;
    const common = { symbol: this.#symbol, baseCoin: instrument.base, quoteCoin: instrument.quote, status: 'Trading' };
    const priceFilter = { tickSize: tick.step, minPrice: tick.step, maxPrice: '1999999.98' };
    if (kind === 'spot') {
      const lotSizeFilter = {
        basePrecision: lot.step,
        quotePrecision: '0.0000001',
        minOrderQty: lot.step,
        maxOrderQty: '1000',
        minOrderAmt: '5',
        maxOrderAmt: '4000000',
      };
      return { ...common, innovation: '0', marginTrading: 'none', lotSizeFilter, priceFilter };
    }
    return {
      ...common,
      contractType: kind === 'linear' ? 'LinearPerpetual' : 'InversePerpetual',
      launchTime: '1585526400000',
      deliveryTime: '0',
      priceScale: String(instrument.tickDecimals),
      fundingInterval: 480,
      settleCoin: kind === 'linear' ? instrument.quote : instrument.base,
      priceFilter,
      lotSizeFilter: {
        qtyStep: lot.step,
        minOrderQty: lot.step,
        maxOrderQty: '1000000',
        ...(kind === 'linear' && { minNotionalValue: '5' }),
      },
    };
  }

  #envelope(type: string, topic: string, time: number, update: number, seq: number, bids: string, asks: string): string {
    const head = this.#spot ? `"ts":${time},"type":"${type}"` : `"type":"${type}","ts":${time}`;
    return `{"topic":"${topic}",${head},"data":{"s":"${this.#symbol}","b":${bids},"a":${asks},"u":${update},"seq":${seq}},"cts":${time}}`;
  }

  #levels(levels: Levels): string {
    const { tick, lot } = this.#steps;
    let text = '[';
    for (let i = 0; i < levels.length; i++) {
      const [ticks, lots] = levels[i] as readonly [number, number];
      // What is gone has the plain quantity 0.
      text += `${i > 0 ? ',' : ''}["${tick.text(ticks)}","${lots === 0 ? '0' : lot.text(lots)}"]`;
    }
    return `${text}]`;
  }

  #volume(kline: Kline): string {
    return this.#steps.lot.text(kline.lots);
  }

  #turnover(kline: Kline): string {
    return this.#steps.amount(kline.quote).toFixed(AMOUNT_DECIMALS);
  }

  /** A number beyond 2^53 on spot, a UUID on contracts. */
  #tradeId(id: number): string {
    if (this.#spot) return `2290000${String(id).padStart(12, '0')}`;
    const name = [...this.#symbol].reduce((hash, letter) => (Math.imul(hash, 31) + letter.charCodeAt(0)) >>> 0, 7);
    return `${name.toString(16).padStart(8, '0')}-0000-5000-8000-${id.toString(16).padStart(12, '0')}`;
  }
}
