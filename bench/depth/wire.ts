import type { DepthFlow, FlowLevel, FlowMessage } from './depth-flow.ts';

/** Ids of eleven digits and times of thirteen, as Binance's are today: they keep their width, so messages can be renumbered in place. */
const FIRST_ID = 50_000_000_000;
const FIRST_TIME = 1_750_000_000_000;
const MESSAGE_PERIOD_MS = 100;
const STREAM = 'ethusdt@depth@100ms';

/** `combined` wraps each event in `{"stream":…,"data":…}`; `raw` is the event alone. Binance serves both. */
export type WireForm = 'combined' | 'raw';

interface Place {
  readonly start: number;
  readonly end: number;
  readonly time: number;
  readonly firstId: number;
  readonly finalId: number;
  /** Update ids that the message covers: one per level change. */
  readonly ids: number;
}

/**
 * The messages of a flow as WebSocket text frames in one buffer, written once: sending them costs the server next to nothing, so
 * that it keeps ahead of every client. `renumber` gives a message its update ids and event time before it is sent again.
 */
export class WireFrames {
  readonly bytes: Buffer;
  readonly #places: readonly Place[];
  readonly #idsPerPass: number;
  readonly #idsBefore: readonly number[];

  constructor(flow: DepthFlow, form: WireForm) {
    const frames: Buffer[] = [];
    const places: Place[] = [];
    const idsBefore: number[] = [];
    let at = 0;
    let ids = 0;
    for (const message of flow.messages) {
      const text = Buffer.from(eventText(message, form), 'latin1');
      const header = frameHeader(text.length);
      const start = at;
      const find = (key: string): number => start + header.length + text.indexOf(key) + key.length;
      const count = message.bids.length + message.asks.length;
      at += header.length + text.length;
      places.push({ start, end: at, time: find('"E":'), firstId: find('"U":'), finalId: find('"u":'), ids: count });
      idsBefore.push(ids);
      ids += count;
      frames.push(header, text);
    }
    this.bytes = Buffer.concat(frames);
    this.#places = places;
    this.#idsPerPass = ids;
    this.#idsBefore = idsBefore;
  }

  get count(): number {
    return this.#places.length;
  }

  /** Readies message `sequence` (counted over all passes); answers where its frame lies. */
  renumber(sequence: number): Place {
    const index = sequence % this.#places.length;
    const place = this.#places[index] as Place;
    const firstId = this.#idBefore(sequence) + 1;
    this.#write(timeOf(sequence), place.time, 13);
    this.#write(firstId, place.firstId, 11);
    this.#write(firstId + place.ids - 1, place.finalId, 11);
    return place;
  }

  /** What a REST snapshot taken right before message `sequence` says. */
  lastUpdateId(sequence: number): number {
    return this.#idBefore(sequence);
  }

  #idBefore(sequence: number): number {
    const pass = Math.floor(sequence / this.#places.length);
    return FIRST_ID + pass * this.#idsPerPass + (this.#idsBefore[sequence % this.#places.length] as number);
  }

  #write(value: number, at: number, digits: number): void {
    let rest = value;
    for (let i = at + digits - 1; i >= at; i--) {
      const next = Math.floor(rest / 10);
      this.bytes[i] = 0x30 + (rest - next * 10);
      rest = next;
    }
  }
}

/** Event time (E) of message `sequence`. */
export function timeOf(sequence: number): number {
  return FIRST_TIME + MESSAGE_PERIOD_MS * sequence;
}

/** `GET /api/v3/depth` */
export function snapshotText(lastUpdateId: number, bids: readonly FlowLevel[], asks: readonly FlowLevel[]): string {
  return `{"lastUpdateId":${lastUpdateId},"bids":${levelsText(bids)},"asks":${levelsText(asks)}}`;
}

function eventText(message: FlowMessage, form: WireForm): string {
  const event =
    `{"e":"depthUpdate","E":${'0'.repeat(13)},"s":"ETHUSDT","U":${'0'.repeat(11)},"u":${'0'.repeat(11)},` +
    `"b":${levelsText(message.bids)},"a":${levelsText(message.asks)}}`;
  return form === 'combined' ? `{"stream":"${STREAM}","data":${event}}` : event;
}

function levelsText(levels: readonly FlowLevel[]): string {
  return `[${levels.map(([ticks, lots]) => `["${(ticks / 100).toFixed(8)}","${(lots / 10_000).toFixed(8)}"]`).join(',')}]`;
}

/** An unmasked, final text frame. Source: RFC 6455, section 5.2. */
function frameHeader(length: number): Buffer {
  if (length < 126) return Buffer.from([0x81, length]);
  if (length < 0x10000) return Buffer.from([0x81, 126, length >> 8, length & 0xff]);
  const header = Buffer.alloc(10);
  header[0] = 0x81;
  header[1] = 127;
  header.writeBigUInt64BE(BigInt(length), 2);
  return header;
}
