import { type DecimalStep, pow10 } from '../../../core/market/decimal-parse.ts';
import { type DepthDelta, grown } from './depth-delta.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const POINT = 0x2e;
const ZERO = 0x30;
const OPEN = 0x5b;
const CLOSE = 0x5d;

/** What `levels` returns instead of a count. */
const UNREADABLE = -1;
const TOO_MANY = -2;

/**
 * Reads the JSON of depth messages out of the socket's bytes without making a string or an object, straight into ticks
 * and lots. A venue's parser extends it with the one shape that the venue sends, and gives up on any other byte, so that
 * the caller takes the JSON path.
 */
export class ByteReader {
  protected bytes: Uint8Array = new Uint8Array(0);
  protected at = 0;

  /** From behind the opening bracket of the bids' list to behind its closing one; false when it cannot be read. */
  protected bids(tick: DecimalStep, lot: DecimalStep, out: DepthDelta): boolean {
    const start = this.at;
    out.bidCount = this.levels(tick, lot, out.bidTicks, out.bidLots);
    while (out.bidCount === TOO_MANY) {
      out.bidTicks = grown(out.bidTicks);
      out.bidLots = grown(out.bidLots);
      this.at = start;
      out.bidCount = this.levels(tick, lot, out.bidTicks, out.bidLots);
    }
    return out.bidCount !== UNREADABLE;
  }

  protected asks(tick: DecimalStep, lot: DecimalStep, out: DepthDelta): boolean {
    const start = this.at;
    out.askCount = this.levels(tick, lot, out.askTicks, out.askLots);
    while (out.askCount === TOO_MANY) {
      out.askTicks = grown(out.askTicks);
      out.askLots = grown(out.askLots);
      this.at = start;
      out.askCount = this.levels(tick, lot, out.askTicks, out.askLots);
    }
    return out.askCount !== UNREADABLE;
  }

  /** `["61737.63000000","0.00000000"],[…]]` from behind the list's opening bracket to behind its closing one. */
  protected levels(tick: DecimalStep, lot: DecimalStep, ticks: Float64Array, lots: Float64Array): number {
    const bytes = this.bytes;
    if (bytes[this.at] === CLOSE) {
      this.at++;
      return 0;
    }
    for (let count = 0; ; ) {
      if (bytes[this.at] !== OPEN || bytes[this.at + 1] !== QUOTE) return UNREADABLE;
      this.at += 2;
      const price = this.#steps(tick);
      if (!(price > 0) || bytes[this.at] !== COMMA || bytes[this.at + 1] !== QUOTE) return UNREADABLE;
      this.at += 2;
      const quantity = this.#steps(lot);
      if (!(quantity >= 0) || bytes[this.at] !== CLOSE) return UNREADABLE;
      if (count === ticks.length) return TOO_MANY;
      ticks[count] = price;
      lots[count++] = quantity;
      const separator = bytes[this.at + 1];
      this.at += 2;
      if (separator === CLOSE) return count;
      if (separator !== COMMA) return UNREADABLE;
    }
  }

  /**
   * Decimal text up to and including its closing quote → whole steps; NaN for what core's `bytesToSteps` refuses, and
   * for more than nine digits on either side of the point, which venues do not send: both halves stay in 32-bit
   * integers, whose multiply-and-add is several times faster than a double's.
   */
  #steps(step: DecimalStep): number {
    const bytes = this.bytes;
    const { decimals } = step;
    let at = this.at;
    let whole = 0;
    // Of all bytes only 0–9 give less than ten.
    let digit = (bytes[at] as number) ^ ZERO;
    while (digit <= 9) {
      whole = (whole * 10 + digit) | 0;
      digit = (bytes[++at] as number) ^ ZERO;
    }
    const wholeDigits = at - this.at;
    if (wholeDigits === 0 || wholeDigits > 9 || decimals > 9) return Number.NaN;
    let fraction = 0;
    let missing = decimals;
    if (bytes[at] === POINT) {
      const first = ++at;
      const last = first + decimals;
      while (at < last) {
        digit = (bytes[at] as number) ^ ZERO;
        if (digit > 9) break;
        fraction = (fraction * 10 + digit) | 0;
        at++;
      }
      missing = last - at;
      while (bytes[at] === ZERO) at++;
      if (at === first) return Number.NaN;
    }
    if (bytes[at] !== QUOTE) return Number.NaN;
    this.at = at + 1;
    const units = whole * pow10(decimals) + (missing === 0 ? fraction : fraction * pow10(missing));
    if (units > Number.MAX_SAFE_INTEGER) return Number.NaN;
    if (step.units === 1) return units;
    return units % step.units === 0 ? units / step.units : Number.NaN;
  }

  protected integer(): number {
    const bytes = this.bytes;
    let at = this.at;
    let value = 0;
    let digit = (bytes[at] as number) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    do {
      value = value * 10 + digit;
      digit = (bytes[++at] as number) - ZERO;
    } while (digit >= 0 && digit <= 9);
    // JSON knows no leading zeros.
    if (bytes[this.at] === ZERO && at > this.at + 1) return Number.NaN;
    this.at = at;
    return value <= Number.MAX_SAFE_INTEGER ? value : Number.NaN;
  }

  protected skip(expected: Uint8Array): boolean {
    const bytes = this.bytes;
    const at = this.at;
    for (let i = 0; i < expected.length; i++) {
      if (bytes[at + i] !== expected[i]) return false;
    }
    this.at = at + expected.length;
    return true;
  }

  /** Behind the letters, digits and underscores of a symbol. */
  protected skipSymbol(): void {
    const { bytes } = this;
    while (isSymbolByte(bytes[this.at] as number)) this.at++;
  }
}

/** A–Z, 0–9 and _. */
function isSymbolByte(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= ZERO && byte <= 0x39) || byte === 0x5f;
}

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
