import type { BookState } from '../../../core/contracts/market-views.ts';
import type { Candle } from '../../../core/market/candle.ts';
import { decimalStep, type DecimalStep } from '../../../core/market/decimal-parse.ts';
import { L2Book } from '../../../core/market/l2-book.ts';
import type { Timeframe } from '../../../core/market/timeframe.ts';
import type { Trade } from '../../../core/market/trade.ts';
import { BookSync, type DeltaOutcome } from '../session/book-sync.ts';
import type { DepthDelta } from '../session/depth-delta.ts';
import type { Link, StreamProtocol, Track, Wire } from '../session/stream-protocol.ts';
import type { Frame, VenueConformance } from './venue-conformance.ts';

/** A venue's wire and sequence rule on a bench: frames in, book out, no socket and no clock. */
export class WireBench implements Link {
  readonly lane: string;
  readonly tracks: readonly Track[];
  readonly tsReceived = 1_900_000_000_000;
  readonly sync: BookSync;
  readonly states: BookState[] = [];
  readonly trades: Trade[] = [];
  readonly klines: { readonly candle: Candle; readonly closed: boolean; readonly timeframe: Timeframe }[] = [];
  readonly unreadable: string[] = [];
  readonly odd: string[] = [];
  readonly sent: string[] = [];
  readonly eventTimes: number[] = [];
  heard = 0;
  /** How often the connection was given up. */
  drops = 0;
  lastOutcome: DeltaOutcome | undefined;
  #wire: Wire;
  readonly #protocol: StreamProtocol;
  #restAnswer: unknown;

  constructor({ protocol: protocolOver, instrument }: VenueConformance) {
    let wallMs = 0;
    const protocol = protocolOver({
      restUrl: 'http://rest.example',
      timeoutMs: 1_000,
      // Time flies, so that no request limit is ever reached.
      wall: { now: () => (wallMs += 60_000), after: () => () => {}, every: () => () => {} },
      fetch: () => Promise.resolve(new Response(JSON.stringify(this.#restAnswer))),
    });
    this.#protocol = protocol;
    const tick = decimalStep(instrument.tickSize) as DecimalStep;
    const lot = protocol.bookLot(instrument, decimalStep(instrument.lotSize) as DecimalStep);
    this.lane = protocol.lanes(instrument)[0] ?? '';
    this.tracks = [{ instrument, tick, lot }];
    const book = new L2Book({
      tickSize: Number(instrument.tickSize),
      lotSize: lot.units / 10 ** lot.decimals,
      bucketWidth: Number(instrument.tickSize) * 10,
    });
    this.sync = new BookSync(book, protocol.rule(instrument), (state) => this.states.push(state));
    this.#wire = protocol.wire(this);
    this.sync.connected();
  }

  get track(): Track {
    return this.tracks[0] as Track;
  }

  feed(...frames: readonly Frame[]): void {
    for (const frame of frames) this.#wire.onMessage(Buffer.from(frame as string), typeof frame !== 'string');
  }

  /** Gives the venue's answer to a snapshot request to the venue's own reader, and what it reads to the book. */
  async feedRestSnapshot(answer: unknown): Promise<void> {
    if (!(await this.tryRestSnapshot(answer))) throw new Error(`the snapshot could not be read: ${JSON.stringify(answer)}`);
  }

  /** The same; false when the answer is refused. */
  async tryRestSnapshot(answer: unknown): Promise<boolean> {
    this.#restAnswer = answer;
    const snapshot = await this.#protocol.fetchSnapshot?.(this.track, new AbortController().signal);
    if (snapshot === undefined || !snapshot.ok) return false;
    this.sync.onSnapshot(snapshot.value);
    return true;
  }

  reconnect(): void {
    this.sync.disconnected('lost');
    this.#wire = this.#protocol.wire(this);
    this.sync.connected();
  }

  onHeard(): void {
    this.heard++;
  }

  onDelta(_track: Track, delta: DepthDelta): void {
    this.eventTimes.push(delta.tsEvent);
    this.lastOutcome = this.sync.onDelta(delta);
  }

  onTrade(_track: Track, trade: Trade): void {
    this.trades.push(trade);
  }

  onKline(_track: Track, candle: Candle, closed: boolean, timeframe: Timeframe): void {
    this.klines.push({ candle, closed, timeframe });
  }

  onUnreadable(_track: Track, kind: 'depth' | 'trade' | 'kline', reason: string): void {
    this.unreadable.push(`${kind}: ${reason}`);
    if (kind === 'depth') this.sync.invalidate(reason);
  }

  invalidateAll(reason: string): void {
    this.sync.gaps++;
    this.sync.invalidate(reason);
  }

  onOdd(reason: string): void {
    this.odd.push(reason);
  }

  send(message: string): void {
    this.sent.push(message);
  }

  rotate(): void {}

  drop(): void {
    this.drops++;
    this.reconnect();
  }
}
