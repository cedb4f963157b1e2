import { type DecimalStep, pow10 } from '../../../core/market/decimal-parse.ts';
import { type DepthDelta, grown } from './depth-delta.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const POINT = 0x2e;
const ZERO = 0x30;
const OPEN = 0x5b;
const CLOSE = 0x5d;

const EVENT_TIME = ascii('{"e":"depthUpdate","E":');
const SYMBOL = ascii(',"s":"');
const FIRST_ID = ascii('","U":');
const FINAL_ID = ascii(',"u":');
const BIDS = ascii(',"b":[');
const ASKS = ascii(',"a":[');
const END = ascii('}}');

const MICROSECONDS_FROM = 1e14;

/**
 * Reads a `depthUpdate` out of the socket's bytes without making a string or an object, straight into ticks and lots.
 * It knows one shape, the one that Binance sends; on any other byte it gives up and the caller takes the JSON path.
 */
export class DepthParser {
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;

  /**
   * `start` is where the event object begins in a combined-stream message. False: not the known shape, or a number
   * that is off the grid or too large; `out` is then undefined in content.
   */
  parse(bytes: Uint8Array, start: number, tick: DecimalStep, lot: DecimalStep, out: DepthDelta): boolean {
    this.#bytes = bytes;
    this.#at = start;
    if (!this.#skip(EVENT_TIME)) return false;
    const time = this.#integer();
    if (!this.#skip(SYMBOL)) return false;
    while (isSymbolByte(bytes[this.#at] as number)) this.#at++;
    if (!this.#skip(FIRST_ID)) return false;
    out.firstId = this.#integer();
    if (!this.#skip(FINAL_ID)) return false;
    out.finalId = this.#integer();
    // NaN fails every comparison.
    if (!(time >= 0 && out.firstId <= out.finalId)) return false;
    out.tsEvent = time >= MICROSECONDS_FROM ? Math.floor(time / 1000) : time;

    if (!this.#skip(BIDS)) return false;
    let count = 0;
    if (bytes[this.#at] === CLOSE) this.#at++;
    else {
      for (;;) {
        if (count === out.bidTicks.length) {
          out.bidTicks = grown(out.bidTicks);
          out.bidLots = grown(out.bidLots);
        }
        if (!this.#level(tick, lot, out.bidTicks, out.bidLots, count++)) return false;
        const separator = bytes[this.#at++];
        if (separator === CLOSE) break;
        if (separator !== COMMA) return false;
      }
    }
    out.bidCount = count;

    if (!this.#skip(ASKS)) return false;
    count = 0;
    if (bytes[this.#at] === CLOSE) this.#at++;
    else {
      for (;;) {
        if (count === out.askTicks.length) {
          out.askTicks = grown(out.askTicks);
          out.askLots = grown(out.askLots);
        }
        if (!this.#level(tick, lot, out.askTicks, out.askLots, count++)) return false;
        const separator = bytes[this.#at++];
        if (separator === CLOSE) break;
        if (separator !== COMMA) return false;
      }
    }
    out.askCount = count;
    return this.#skip(END) && this.#at === bytes.length;
  }

  /** `["61737.63000000","0.00000000"]` */
  #level(tick: DecimalStep, lot: DecimalStep, ticks: Float64Array, lots: Float64Array, index: number): boolean {
    const bytes = this.#bytes;
    if (bytes[this.#at] !== OPEN || bytes[this.#at + 1] !== QUOTE) return false;
    this.#at += 2;
    const price = this.#steps(tick);
    if (!(price > 0) || bytes[this.#at] !== COMMA || bytes[this.#at + 1] !== QUOTE) return false;
    this.#at += 2;
    const quantity = this.#steps(lot);
    if (!(quantity >= 0) || bytes[this.#at] !== CLOSE) return false;
    this.#at++;
    ticks[index] = price;
    lots[index] = quantity;
    return true;
  }

  /** Decimal text up to and including its closing quote → whole steps; the rules of core's `bytesToSteps`. */
  #steps(step: DecimalStep): number {
    const bytes = this.#bytes;
    let at = this.#at;
    let units = 0;
    let digit = (bytes[at] as number) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    do {
      units = units * 10 + digit;
      digit = (bytes[++at] as number) - ZERO;
    } while (digit >= 0 && digit <= 9);
    let missing = step.decimals;
    if (bytes[at] === POINT) {
      digit = (bytes[++at] as number) - ZERO;
      if (!(digit >= 0 && digit <= 9)) return Number.NaN;
      do {
        if (missing > 0) {
          units = units * 10 + digit;
          missing--;
        } else if (digit !== 0) return Number.NaN;
        digit = (bytes[++at] as number) - ZERO;
      } while (digit >= 0 && digit <= 9);
    }
    if (bytes[at] !== QUOTE) return Number.NaN;
    this.#at = at + 1;
    if (missing > 0) units *= pow10(missing);
    if (units > Number.MAX_SAFE_INTEGER) return Number.NaN;
    if (step.units === 1) return units;
    return units % step.units === 0 ? units / step.units : Number.NaN;
  }

  #integer(): number {
    const bytes = this.#bytes;
    let at = this.#at;
    let value = 0;
    let digit = (bytes[at] as number) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    do {
      value = value * 10 + digit;
      digit = (bytes[++at] as number) - ZERO;
    } while (digit >= 0 && digit <= 9);
    // JSON knows no leading zeros.
    if (bytes[this.#at] === ZERO && at > this.#at + 1) return Number.NaN;
    this.#at = at;
    return value <= Number.MAX_SAFE_INTEGER ? value : Number.NaN;
  }

  #skip(expected: Uint8Array): boolean {
    const bytes = this.#bytes;
    const at = this.#at;
    for (let i = 0; i < expected.length; i++) {
      if (bytes[at + i] !== expected[i]) return false;
    }
    this.#at = at + expected.length;
    return true;
  }
}

const STREAM = ascii('{"stream":"');
const DATA = ascii('","data":');

/** Where the parts of a combined-stream message lie. */
export interface StreamEnvelope {
  /** `ethusdt@depth@100ms` */
  stream: string;
  /** Index of the event's first byte. */
  dataStart: number;
}

/** `{"stream":"…","data":…}` → `out`; false for another shape. */
export function readEnvelope(message: Buffer, out: StreamEnvelope): boolean {
  for (let i = 0; i < STREAM.length; i++) if (message[i] !== STREAM[i]) return false;
  const nameEnd = message.indexOf(QUOTE, STREAM.length);
  if (nameEnd < 0 || nameEnd > 96) return false;
  for (let i = 0; i < DATA.length; i++) if (message[nameEnd + i] !== DATA[i]) return false;
  out.stream = message.toString('latin1', STREAM.length, nameEnd);
  out.dataStart = nameEnd + DATA.length;
  return true;
}

/** A–Z and 0–9. */
function isSymbolByte(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= ZERO && byte <= 0x39);
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
