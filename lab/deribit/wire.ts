import type { Listing } from '../listings.ts';
import { type Steps, stepsOf } from '../protocol/steps.ts';
import type { BookDiff, LabBook } from '../simulation/book.ts';
import type { Kline } from '../simulation/kline.ts';
import type { TradeEvent } from '../simulation/symbol-market.ts';
import { quoteText } from './options.ts';

type Levels = readonly (readonly [number, number])[];

/** Decimals of base amounts. */
const BASE_DECIMALS = 8;

/** Writes one perpetual's market data as Deribit does: JSON numbers, amounts in USD. */
export class DeribitWire {
  readonly listing: Listing;
  readonly #name: string;
  readonly #steps: Steps;

  constructor(listing: Listing) {
    this.listing = listing;
    this.#name = listing.venueSymbol;
    this.#steps = stepsOf(listing.instrument);
  }

  /**
   * A step's changes. Ids are the book's own: each message names the id before its first change. A level that is there says `change`
   * whether or not it was before: the lab's book does not remember, and clients must take either.
   */
  change(time: number, { firstUpdateId, lastUpdateId, bids, asks }: BookDiff): string {
    const head = `"type":"change","timestamp":${time},"prev_change_id":${firstUpdateId - 1}`;
    return `{${head},"instrument_name":"${this.#name}","change_id":${lastUpdateId},"bids":${this.#changes(bids)},"asks":${this.#changes(asks)}}`;
  }

  /** A change with one bid of whatever texts. */
  changeLevel(time: number, { firstUpdateId, lastUpdateId }: BookDiff, price: string, amount: string): string {
    const head = `"type":"change","timestamp":${time},"prev_change_id":${firstUpdateId - 1}`;
    return `{${head},"instrument_name":"${this.#name}","change_id":${lastUpdateId},"bids":[["new",${price},${amount}]],"asks":[]}`;
  }

  snapshot(time: number, changeId: number, bids: Levels, asks: Levels): string {
    const levels = (side: Levels): string => this.#levels(side, '"new",');
    return `{"type":"snapshot","timestamp":${time},"instrument_name":"${this.#name}","change_id":${changeId},"bids":${levels(bids)},"asks":${levels(asks)}}`;
  }

  /** The result of `public/get_order_book`. */
  orderBook(time: number, changeId: number, bids: Levels, asks: Levels): string {
    const { tick } = this.#steps;
    const best = (side: Levels): number => (side[0] === undefined ? 0 : tick.number(side[0][0]));
    return `{"timestamp":${time},"state":"open","instrument_name":"${this.#name}","change_id":${changeId},"bids":${this.#levels(bids, '')},"asks":${this.#levels(asks, '')},"best_bid_price":${best(bids)},"best_ask_price":${best(asks)}}`;
  }

  /** The middle of the best bid and ask in USD; undefined where a side is empty. */
  mid({ bids, asks }: Pick<LabBook, 'bids' | 'asks'>): number | undefined {
    const { tick } = this.#steps;
    return bids.best === undefined || asks.best === undefined ? undefined : (tick.number(bids.best) + tick.number(asks.best)) / 2;
  }

  /** The `data` of a `quote.X` notification. */
  quote(time: number, bid: Levels[number], ask: Levels[number]): string {
    const { tick, lot } = this.#steps;
    return quoteText(this.#name, time, tick.number(bid[0]), lot.number(bid[1]), tick.number(ask[0]), lot.number(ask[1]));
  }

  trade(time: number, { id, price, lots, buy }: TradeEvent): string {
    const { tick, lot } = this.#steps;
    const text = tick.number(price);
    return (
      `{"trade_seq":${id},"trade_id":"${this.#name.slice(0, 3)}-${id}","timestamp":${time},"tick_direction":0,"price":${text},"mark_price":${text},` +
      `"instrument_name":"${this.#name}","index_price":${text},"direction":"${buy ? 'buy' : 'sell'}","contracts":${lots},"amount":${lot.number(lots)}}`
    );
  }

  candle(kline: Kline): string {
    const { tick } = this.#steps;
    const [open, high, low, close] = [kline.open, kline.high, kline.low, kline.close].map((ticks) => tick.number(ticks));
    return `{"volume":${this.#volume(kline)},"tick":${kline.openTime},"open":${open},"low":${low},"high":${high},"cost":${this.#cost(kline)},"close":${close}}`;
  }

  /** The result of `public/get_tradingview_chart_data`: candles in columns. */
  chart(klines: readonly Kline[]): string {
    const { tick } = this.#steps;
    const column = (value: (kline: Kline) => number): string => `[${klines.map(value).join(',')}]`;
    return (
      `{"status":"${klines.length === 0 ? 'no_data' : 'ok'}","ticks":${column(({ openTime }) => openTime)},` +
      `"open":${column(({ open }) => tick.number(open))},"high":${column(({ high }) => tick.number(high))},"low":${column(({ low }) => tick.number(low))},` +
      `"close":${column(({ close }) => tick.number(close))},"volume":${column((kline) => this.#volume(kline))},"cost":${column((kline) => this.#cost(kline))}}`
    );
  }

  /** An entry of `public/get_instruments`. */
  instrument(): object {
    const { instrument } = this.listing;
    const { tick, lot } = this.#steps;
    return {
      kind: 'future',
      instrument_name: this.#name,
      instrument_type: 'reversed',
      future_type: 'reversed',
      is_active: true,
      state: 'open',
      tick_size: tick.number(1),
      tick_size_steps: [],
      contract_size: lot.number(1),
      min_trade_amount: lot.number(1),
      base_currency: instrument.base,
      quote_currency: instrument.quote,
      counter_currency: instrument.quote,
      settlement_currency: instrument.base,
      settlement_period: 'perpetual',
      price_index: `${instrument.base.toLowerCase()}_usd`,
      maker_commission: 0,
      taker_commission: 0.0005,
      max_leverage: 50,
      creation_timestamp: 1_534_167_754_000,
      expiration_timestamp: 32_503_708_800_000,
    };
  }

  #changes(levels: Levels): string {
    const { tick, lot } = this.#steps;
    let text = '[';
    for (let i = 0; i < levels.length; i++) {
      const [ticks, lots] = levels[i] as readonly [number, number];
      const action = lots === 0 ? 'delete' : 'change';
      text += `${i > 0 ? ',' : ''}["${action}",${tick.number(ticks)},${lot.number(lots)}]`;
    }
    return `${text}]`;
  }

  #levels(levels: Levels, action: string): string {
    const { tick, lot } = this.#steps;
    return `[${levels.map(([ticks, lots]) => `[${action}${tick.number(ticks)},${lot.number(lots)}]`).join(',')}]`;
  }

  /** Base units. */
  #volume(kline: Kline): number {
    return Number(this.#steps.amount(kline.quote).toFixed(BASE_DECIMALS));
  }

  /** USD. */
  #cost(kline: Kline): number {
    return this.#steps.lot.number(kline.lots);
  }
}
