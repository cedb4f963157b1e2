import type { DecimalStep } from '../../../core/market/decimal-parse.ts';
import { addAsk, addBid, type DepthDelta } from '../session/depth-delta.ts';
import { bad, isId, type Parsed, toMs } from '../session/wire-values.ts';
import { ok } from '../../../core/base/result.ts';
import { ProtoReader } from './proto-reader.ts';

/** `PushDataV3ApiWrapper`. Source of all field numbers: MEXC's published websocket-proto; VENUES.md. */
const CHANNEL = 1;
const CREATE_TIME = 5;
const SEND_TIME = 6;
const FIRST_BODY = 301;
const LAST_BODY = 315;
export const SPOT_KLINE = 308;
export const AGGRE_DEPTHS = 313;
export const AGGRE_DEALS = 314;

/** Where the parts of a frame lie, and when it was sent. */
export interface FrameHead {
  /** `spot@public.aggre.depth.v3.api.pb@100ms@BTCUSDT` */
  channel: string;
  /** Field number of the body; 0 for a frame without one, which keeps a channel alive. */
  body: number;
  bodyFrom: number;
  bodyTo: number;
  /** Epoch ms; NaN when the frame does not tell. */
  time: number;
}

export interface RawDeal {
  price: string;
  quantity: string;
  tradeType: number;
  time: number;
}

export interface RawKline {
  interval: string;
  windowStart: number;
  open: string;
  close: string;
  high: string;
  low: string;
  volume: string;
}

const LONGEST_CHANNEL = 96;

/** Reads MEXC spot's protobuf frames by hand: depth goes from bytes to ticks and lots without an object in between. */
export class FrameParser {
  readonly #reader = new ProtoReader();
  readonly #level = new ProtoReader();

  /** False when the frame is damaged. `head.channel` is then still what could be read of it, or empty. */
  readHead(frame: Buffer, head: FrameHead): boolean {
    const reader = this.#reader;
    reader.open(frame, 0, frame.length);
    head.channel = '';
    head.body = 0;
    head.bodyFrom = 0;
    head.bodyTo = 0;
    head.time = Number.NaN;
    let createTime = Number.NaN;
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === CHANNEL) {
        if (reader.from < 0 || reader.to - reader.from > LONGEST_CHANNEL) return false;
        head.channel = frame.toString('latin1', reader.from, reader.to);
      } else if (field === SEND_TIME) head.time = toMs(reader.value);
      else if (field === CREATE_TIME) createTime = toMs(reader.value);
      else if (field >= FIRST_BODY && field <= LAST_BODY) {
        // One body a frame.
        if (reader.from < 0 || head.body !== 0) return false;
        head.body = field;
        head.bodyFrom = reader.from;
        head.bodyTo = reader.to;
      }
    }
    if (Number.isNaN(head.time)) head.time = createTime;
    return reader.isSound;
  }

  /** `aggreDepths` → `out`. */
  depth(frame: Buffer, head: FrameHead, tick: DecimalStep, lot: DecimalStep, out: DepthDelta): Parsed<DepthDelta> {
    const reader = this.#reader;
    reader.open(frame, head.bodyFrom, head.bodyTo);
    let firstId = Number.NaN;
    let finalId = Number.NaN;
    out.snapshot = false;
    out.previousId = -1;
    out.checksum = Number.NaN;
    out.tsEvent = head.time;
    out.bidCount = 0;
    out.askCount = 0;
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 1 || field === 2) {
        if (!this.#addLevel(frame, reader.from, reader.to, field === 2, tick, lot, out)) {
          return bad(`${field === 2 ? 'bid' : 'ask'} level that is damaged or off the grid`);
        }
      } else if (field === 4) firstId = reader.digits();
      else if (field === 5) finalId = reader.digits();
    }
    if (!reader.isSound) return bad('depth body that ends too early');
    if (!(firstId <= finalId)) return bad(`depth update from version ${firstId} to ${finalId}`);
    if (Number.isNaN(head.time)) return bad(`depth update ${finalId} without a time`);
    out.firstId = firstId;
    out.finalId = finalId;
    return ok(out);
  }

  /** `aggreDeals` → its deals as sent. */
  deals(frame: Buffer, head: FrameHead): Parsed<RawDeal[]> {
    const reader = this.#reader;
    reader.open(frame, head.bodyFrom, head.bodyTo);
    const deals: RawDeal[] = [];
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field !== 1) continue;
      const deal = this.#deal(frame, reader.from, reader.to);
      if (deal === undefined) return bad('deal that is damaged');
      deals.push(deal);
    }
    return reader.isSound ? ok(deals) : bad('deals body that ends too early');
  }

  /** `spotKline` as sent. */
  kline(frame: Buffer, head: FrameHead): Parsed<RawKline> {
    const reader = this.#reader;
    reader.open(frame, head.bodyFrom, head.bodyTo);
    const kline: RawKline = { interval: '', windowStart: Number.NaN, open: '', close: '', high: '', low: '', volume: '' };
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 1) kline.interval = textOf(frame, reader);
      else if (field === 2) kline.windowStart = reader.value;
      else if (field === 3) kline.open = textOf(frame, reader);
      else if (field === 4) kline.close = textOf(frame, reader);
      else if (field === 5) kline.high = textOf(frame, reader);
      else if (field === 6) kline.low = textOf(frame, reader);
      else if (field === 7) kline.volume = textOf(frame, reader);
    }
    return reader.isSound && isId(kline.windowStart) ? ok(kline) : bad('kline body that is damaged');
  }

  #addLevel(
    frame: Buffer,
    from: number,
    to: number,
    isBid: boolean,
    tick: DecimalStep,
    lot: DecimalStep,
    out: DepthDelta,
  ): boolean {
    if (from < 0) return false;
    const level = this.#level;
    level.open(frame, from, to);
    let ticks = Number.NaN;
    let lots = Number.NaN;
    for (let field = level.next(); field !== 0; field = level.next()) {
      if (field === 1) ticks = level.steps(tick);
      else if (field === 2) lots = level.steps(lot);
    }
    if (!level.isSound || !(ticks > 0) || !(lots >= 0)) return false;
    if (isBid) addBid(out, ticks, lots);
    else addAsk(out, ticks, lots);
    return true;
  }

  #deal(frame: Buffer, from: number, to: number): RawDeal | undefined {
    if (from < 0) return undefined;
    const reader = this.#level;
    reader.open(frame, from, to);
    const deal: RawDeal = { price: '', quantity: '', tradeType: 0, time: Number.NaN };
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 1) deal.price = textOf(frame, reader);
      else if (field === 2) deal.quantity = textOf(frame, reader);
      else if (field === 3) deal.tradeType = reader.value;
      else if (field === 4) deal.time = reader.value;
    }
    return reader.isSound ? deal : undefined;
  }
}

/** Decimal text is short; whatever is longer is none. */
const LONGEST_TEXT = 40;

function textOf(frame: Buffer, { from, to }: ProtoReader): string {
  return from < 0 || to - from > LONGEST_TEXT ? '' : frame.toString('latin1', from, to);
}

export function emptyHead(): FrameHead {
  return { channel: '', body: 0, bodyFrom: 0, bodyTo: 0, time: Number.NaN };
}
