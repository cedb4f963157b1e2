import type { DecimalStep } from '../../../core/market/decimal-parse.ts';
import { ascii, ByteReader } from '../session/byte-reader.ts';
import type { DepthDelta } from '../session/depth-delta.ts';

const QUOTE = 0x22;

const EVENT_TIME = ascii('{"e":"depthUpdate","E":');
const MATCH_TIME = ascii(',"T":');
const SYMBOL = ascii(',"s":"');
const PAIR = ascii('","ps":"');
const FIRST_ID = ascii('","U":');
const FINAL_ID = ascii(',"u":');
const PREVIOUS_ID = ascii(',"pu":');
const BIDS = ascii(',"b":[');
const ASKS = ascii(',"a":[');
const END = ascii('}}');

const MICROSECONDS_FROM = 1e14;

/** Reads a `depthUpdate` as Binance writes it: byte by byte in one order of keys. Contracts have a few more, COIN-M a pair too. */
export class DepthParser extends ByteReader {
  /**
   * `start` is where the event object begins in a combined-stream message. False: not the known shape, or a number
   * that is off the grid or too large; `out` is then undefined in content.
   */
  parse(bytes: Uint8Array, start: number, tick: DecimalStep, lot: DecimalStep, out: DepthDelta): boolean {
    this.bytes = bytes;
    this.at = start;
    if (!this.skip(EVENT_TIME)) return false;
    const time = this.integer();
    if (this.skip(MATCH_TIME) && Number.isNaN(this.integer())) return false;
    if (!this.skip(SYMBOL)) return false;
    this.skipSymbol();
    if (this.skip(PAIR)) this.skipSymbol();
    if (!this.skip(FIRST_ID)) return false;
    out.firstId = this.integer();
    if (!this.skip(FINAL_ID)) return false;
    out.finalId = this.integer();
    out.previousId = this.skip(PREVIOUS_ID) ? this.integer() : -1;
    // NaN fails every comparison.
    if (!(time >= 0 && out.firstId <= out.finalId && out.previousId >= -1)) return false;
    out.tsEvent = time >= MICROSECONDS_FROM ? Math.floor(time / 1000) : time;
    if (!this.skip(BIDS) || !this.bids(tick, lot, out)) return false;
    return this.skip(ASKS) && this.asks(tick, lot, out) && this.skip(END) && this.at === bytes.length;
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
