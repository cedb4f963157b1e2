import type { DecimalStep } from '../../../core/market/decimal-parse.ts';
import { ascii, ByteReader } from '../session/byte-reader.ts';
import type { DepthDelta } from '../session/depth-delta.ts';

const QUOTE = 0x22;

const TOPIC = ascii('{"topic":"');
const TYPE = ascii('"type":"');
const SNAPSHOT = ascii('snapshot"');
const DELTA = ascii('delta"');
const TS = ascii('"ts":');
const COMMA = ascii(',');
const DATA = ascii(',"data":{"s":"');
const BIDS = ascii('","b":[');
const ASKS = ascii(',"a":[');
const UPDATE = ascii(',"u":');
const SEQUENCE = ascii(',"seq":');
const DATA_END = ascii('}');
const MATCHED = ascii(',"cts":');
const MESSAGE_END = ascii('}');

/** The first message after a restart of the venue's service. */
const RESTARTED = 1;

/** The topic with which a message begins; undefined for another shape. */
export function topicOf(message: Buffer): string | undefined {
  for (let i = 0; i < TOPIC.length; i++) if (message[i] !== TOPIC[i]) return undefined;
  const end = message.indexOf(QUOTE, TOPIC.length);
  return end < 0 || end > 96 ? undefined : message.toString('latin1', TOPIC.length, end);
}

/** Reads an `orderbook` message as Bybit writes it: with `type` before `ts` (contracts) or behind it (spot). */
export class DepthParser extends ByteReader {
  /** `start` is behind the topic's closing quote. False: not the known shape; `out` is then undefined in content. */
  parse(bytes: Uint8Array, start: number, tick: DecimalStep, lot: DecimalStep, out: DepthDelta): boolean {
    this.bytes = bytes;
    this.at = start;
    if (!this.skip(COMMA)) return false;
    let time: number;
    if (this.skip(TYPE)) {
      if (!this.#type(out) || !this.skip(COMMA) || !this.skip(TS)) return false;
      time = this.integer();
    } else {
      if (!this.skip(TS)) return false;
      time = this.integer();
      if (!this.skip(COMMA) || !this.skip(TYPE) || !this.#type(out)) return false;
    }
    if (!this.skip(DATA)) return false;
    this.skipSymbol();
    if (!this.skip(BIDS) || !this.bids(tick, lot, out)) return false;
    if (!this.skip(ASKS) || !this.asks(tick, lot, out)) return false;
    if (!this.skip(UPDATE)) return false;
    const update = this.integer();
    if (this.skip(SEQUENCE) && Number.isNaN(this.integer())) return false;
    if (!this.skip(DATA_END)) return false;
    if (this.skip(MATCHED)) time = this.integer();
    if (!this.skip(MESSAGE_END) || this.at !== bytes.length) return false;
    // NaN fails every comparison. Other units than milliseconds are left to the JSON path.
    if (!(update >= 0 && time >= 0 && time < 1e14)) return false;
    if (update === RESTARTED) out.snapshot = true;
    out.firstId = update;
    out.finalId = update;
    out.tsEvent = time;
    return true;
  }

  #type(out: DepthDelta): boolean {
    out.snapshot = this.skip(SNAPSHOT);
    return out.snapshot || this.skip(DELTA);
  }
}
