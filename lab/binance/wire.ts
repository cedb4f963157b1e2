import type { Timeframe } from '../../core/market/timeframe.ts';
import type { LabInstrument } from '../instruments.ts';
import type { BookDiff } from '../simulation/book.ts';
import type { Kline } from '../simulation/kline.ts';
import type { TradeEvent } from '../simulation/symbol-market.ts';

/** Binance writes prices and quantities of spot symbols with eight decimals. Source: Binance spot API docs, confirmed on recordings. */
const WIRE_DECIMALS = 8;

/** Writes one symbol's market data as Binance spot does: JSON text, decimals as strings. Field order follows the recordings. */
export class BinanceWire {
  readonly #symbol: string;
  readonly #tickScale: number;
  readonly #tickDecimals: number;
  readonly #tickZeros: string;
  readonly #lotScale: number;
  readonly #lotDecimals: number;
  readonly #lotZeros: string;

  constructor(instrument: LabInstrument) {
    this.#symbol = instrument.symbol;
    this.#tickDecimals = instrument.tickDecimals;
    this.#tickScale = 10 ** instrument.tickDecimals;
    this.#tickZeros = '0'.repeat(WIRE_DECIMALS - instrument.tickDecimals);
    this.#lotDecimals = instrument.lotDecimals;
    this.#lotScale = 10 ** instrument.lotDecimals;
    this.#lotZeros = '0'.repeat(WIRE_DECIMALS - instrument.lotDecimals);
  }

  price(ticks: number): string {
    return decimal(ticks, this.#tickScale, this.#tickDecimals) + this.#tickZeros;
  }

  quantity(lots: number): string {
    return decimal(lots, this.#lotScale, this.#lotDecimals) + this.#lotZeros;
  }

  trade(time: number, trade: TradeEvent): string {
    const { id, price, lots, buy } = trade;
    return `{"e":"trade","E":${time},"s":"${this.#symbol}","t":${id},"p":"${this.price(price)}","q":"${this.quantity(lots)}","T":${time},"m":${!buy},"M":true}`;
  }

  depthUpdate(time: number, diff: BookDiff): string {
    return `{"e":"depthUpdate","E":${time},"s":"${this.#symbol}","U":${diff.firstUpdateId},"u":${diff.lastUpdateId},"b":${this.#levels(diff.bids)},"a":${this.#levels(diff.asks)}}`;
  }

  /** A depth update in the place of `diff` with one bid of whatever texts. */
  depthLevel(time: number, diff: BookDiff, price: string, quantity: string): string {
    return `{"e":"depthUpdate","E":${time},"s":"${this.#symbol}","U":${diff.firstUpdateId},"u":${diff.lastUpdateId},"b":[["${price}","${quantity}"]],"a":[]}`;
  }

  depthSnapshot(
    lastUpdateId: number,
    bids: readonly (readonly [number, number])[],
    asks: readonly (readonly [number, number])[],
  ): string {
    return `{"lastUpdateId":${lastUpdateId},"bids":${this.#levels(bids)},"asks":${this.#levels(asks)}}`;
  }

  klineEvent(time: number, timeframe: Timeframe, kline: Kline, closed: boolean): string {
    const k = kline;
    return (
      `{"e":"kline","E":${time},"s":"${this.#symbol}","k":{"t":${k.openTime},"T":${k.closeTime},"s":"${this.#symbol}","i":"${timeframe}",` +
      `"f":${k.firstTradeId},"L":${k.lastTradeId},"o":"${this.price(k.open)}","c":"${this.price(k.close)}","h":"${this.price(k.high)}","l":"${this.price(k.low)}",` +
      `"v":"${this.quantity(k.lots)}","n":${k.trades},"x":${closed},"q":"${this.#amount(k.quote)}","V":"${this.quantity(k.buyLots)}","Q":"${this.#amount(k.buyQuote)}","B":"0"}}`
    );
  }

  klineRow(k: Kline): string {
    return (
      `[${k.openTime},"${this.price(k.open)}","${this.price(k.high)}","${this.price(k.low)}","${this.price(k.close)}","${this.quantity(k.lots)}",` +
      `${k.closeTime},"${this.#amount(k.quote)}",${k.trades},"${this.quantity(k.buyLots)}","${this.#amount(k.buyQuote)}","0"]`
    );
  }

  tradeRow(trade: TradeEvent): string {
    const { id, price, lots, time, buy } = trade;
    return `{"id":${id},"price":"${this.price(price)}","qty":"${this.quantity(lots)}","quoteQty":"${this.#amount(price * lots)}","time":${time},"isBuyerMaker":${!buy},"isBestMatch":true}`;
  }

  #levels(levels: readonly (readonly [number, number])[]): string {
    let text = '[';
    for (let i = 0; i < levels.length; i++) {
      const [ticks, lots] = levels[i] as readonly [number, number];
      text += `${i > 0 ? ',' : ''}["${this.price(ticks)}","${this.quantity(lots)}"]`;
    }
    return `${text}]`;
  }

  /** Ticks × lots as a quote amount. */
  #amount(value: number): string {
    return (value / (this.#tickScale * this.#lotScale)).toFixed(WIRE_DECIMALS);
  }
}

function decimal(value: number, scale: number, decimals: number): string {
  const whole = Math.floor(value / scale);
  return `${whole}.${String(value - whole * scale).padStart(decimals, '0')}`;
}
