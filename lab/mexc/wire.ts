import type { Listing } from '../listings.ts';
import { type Steps, stepsOf } from '../protocol/steps.ts';
import type { BookDiff } from '../simulation/book.ts';
import type { Kline } from '../simulation/kline.ts';
import type { TradeEvent } from '../simulation/symbol-market.ts';
import { ProtoWriter } from './proto-writer.ts';

type Levels = readonly (readonly [number, number])[];

/** Fields of the wrapper, and of its bodies that are served. Source: MEXC's published websocket-proto. */
const CHANNEL = 1;
const SYMBOL = 3;
const SEND_TIME = 6;
const KLINE = 308;
const DEPTHS = 313;
const DEALS = 314;

const AMOUNT_DECIMALS = 8;
const BUY = 1;
const SELL = 2;

/** Writes one spot listing's market data as MEXC does: protobuf on the stream, JSON over REST. */
export class MexcWire {
  readonly listing: Listing;
  readonly #symbol: string;
  readonly #steps: Steps;
  readonly #frame = new ProtoWriter();
  readonly #body = new ProtoWriter();
  readonly #item = new ProtoWriter();

  constructor(listing: Listing) {
    this.listing = listing;
    this.#symbol = listing.venueSymbol;
    this.#steps = stepsOf(listing.instrument);
  }

  depths(channel: string, time: number, { firstUpdateId, lastUpdateId, bids, asks }: BookDiff): Buffer {
    const { tick, lot } = this.#steps;
    const body = this.#body.clear();
    for (const [field, levels] of [[1, asks] as const, [2, bids] as const]) {
      for (const [ticks, lots] of levels) this.#level(field, tick.text(ticks), lots === 0 ? '0' : lot.text(lots));
    }
    return this.#depthFrame(channel, time, body, firstUpdateId, lastUpdateId);
  }

  /** A depth update with one bid of whatever texts. */
  depthLevel(channel: string, time: number, { firstUpdateId, lastUpdateId }: BookDiff, price: string, quantity: string): Buffer {
    this.#body.clear();
    this.#level(2, price, quantity);
    return this.#depthFrame(channel, time, this.#body, firstUpdateId, lastUpdateId);
  }

  /** Trades with the times that they are told to have. */
  deals(channel: string, time: number, deals: readonly (readonly [time: number, trade: TradeEvent])[]): Buffer {
    const { tick, lot } = this.#steps;
    const body = this.#body.clear();
    for (const [dealTime, { id, price, lots, buy }] of deals) {
      const item = this.#item.clear().text(1, tick.text(price)).text(2, lot.text(lots));
      body.message(
        1,
        item
          .int(3, buy ? BUY : SELL)
          .int(4, dealTime)
          .text(5, `${id}X0`),
      );
    }
    body.text(2, withoutSymbol(channel));
    return this.#wrap(channel, time).message(DEALS, body).take();
  }

  kline(channel: string, time: number, interval: string, kline: Kline): Buffer {
    const { tick, lot } = this.#steps;
    const body = this.#body
      .clear()
      .text(1, interval)
      .int(2, Math.floor(kline.openTime / 1_000));
    body
      .text(3, tick.text(kline.open))
      .text(4, tick.text(kline.close))
      .text(5, tick.text(kline.high))
      .text(6, tick.text(kline.low));
    body
      .text(7, lot.text(kline.lots))
      .text(8, this.#amount(kline))
      .int(9, Math.floor((kline.closeTime + 1) / 1_000));
    return this.#wrap(channel, time).message(KLINE, body).take();
  }

  /** `GET /api/v3/depth`. */
  depthAnswer(time: number, lastUpdateId: number, bids: Levels, asks: Levels): string {
    return `{"lastUpdateId":${lastUpdateId},"bids":${this.#levels(bids)},"asks":${this.#levels(asks)},"timestamp":${time}}`;
  }

  klineRow(kline: Kline): string {
    const { tick, lot } = this.#steps;
    return `[${kline.openTime},"${tick.text(kline.open)}","${tick.text(kline.high)}","${tick.text(kline.low)}","${tick.text(kline.close)}","${lot.text(kline.lots)}",${kline.closeTime + 1},"${this.#amount(kline)}"]`;
  }

  /** MEXC gives its recent trades no id. */
  tradeRow({ time, price, lots, buy }: TradeEvent): string {
    const { tick, lot, amount } = this.#steps;
    const quote = amount(price * lots).toFixed(AMOUNT_DECIMALS);
    return `{"id":null,"price":"${tick.text(price)}","qty":"${lot.text(lots)}","quoteQty":"${quote}","time":${time},"isBuyerMaker":${!buy},"isBestMatch":true,"tradeType":"${buy ? 'BID' : 'ASK'}"}`;
  }

  /** An entry of `GET /api/v3/exchangeInfo`. */
  symbolInfo(): object {
    const { instrument } = this.listing;
    return {
      symbol: this.#symbol,
      status: '1',
      baseAsset: instrument.base,
      baseAssetPrecision: instrument.lotDecimals,
      quoteAsset: instrument.quote,
      quotePrecision: instrument.tickDecimals,
      quoteAssetPrecision: instrument.tickDecimals,
      baseCommissionPrecision: instrument.lotDecimals,
      quoteCommissionPrecision: instrument.tickDecimals,
      orderTypes: ['LIMIT', 'MARKET', 'LIMIT_MAKER'],
      isSpotTradingAllowed: true,
      isMarginTradingAllowed: false,
      quoteAmountPrecision: '1',
      baseSizePrecision: this.#steps.lot.step,
      permissions: ['SPOT'],
      filters: [],
      maxQuoteAmount: '2000000',
      makerCommission: '0',
      takerCommission: '0.0005',
      tradeSideType: 1,
    };
  }

  #depthFrame(channel: string, time: number, body: ProtoWriter, from: number, to: number): Buffer {
    body.text(3, withoutSymbol(channel)).text(4, String(from)).text(5, String(to)).int(6, time);
    return this.#wrap(channel, time).message(DEPTHS, body).take();
  }

  #wrap(channel: string, time: number): ProtoWriter {
    return this.#frame.clear().text(CHANNEL, channel).text(SYMBOL, this.#symbol).int(SEND_TIME, time);
  }

  #level(field: number, price: string, quantity: string): void {
    this.#body.message(field, this.#item.clear().text(1, price).text(2, quantity));
  }

  #levels(levels: Levels): string {
    const { tick, lot } = this.#steps;
    return `[${levels.map(([ticks, lots]) => `["${tick.text(ticks)}","${lot.text(lots)}"]`).join(',')}]`;
  }

  #amount(kline: Kline): string {
    return this.#steps.amount(kline.quote).toFixed(AMOUNT_DECIMALS);
  }
}

/** The event type that a body names: its channel, less the symbol. */
function withoutSymbol(channel: string): string {
  return channel.slice(0, channel.lastIndexOf('@'));
}
