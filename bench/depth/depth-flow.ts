import { nextInt, SplitMix32 } from '../../core/base/rng.ts';

/** A level's price in ticks and its whole quantity in lots; 0 deletes it. */
export type FlowLevel = readonly [ticks: number, lots: number];

/** One diff: each price at most once a side, best first, as Binance sends them. */
export interface FlowMessage {
  readonly bids: readonly FlowLevel[];
  readonly asks: readonly FlowLevel[];
}

/** A book as its levels, best first. */
export interface FlowBook {
  readonly bids: readonly FlowLevel[];
  readonly asks: readonly FlowLevel[];
}

export interface DepthFlow {
  readonly start: FlowBook;
  readonly messages: readonly FlowMessage[];
  /** The book after each whole pass over `messages`: they may be sent again and again. */
  readonly end: FlowBook;
}

export interface DepthFlowOptions {
  readonly seed: number;
  readonly messages: number;
  readonly levelsPerMessage: number;
  /** Levels a side that the book holds on average. */
  readonly depth: number;
  /** How much of the flow is near the best: changes are at range · u to this power, u uniform. 3 unless given; 1 is evenly spread. */
  readonly nearness?: number;
}

export const TICK_SIZE = 0.01;
/** Binance writes quantities with eight decimals; ETH/USDT counts in 0.0001. */
export const LOT_SIZE = 0.0001;
const MID_TICKS = 185_000;
/** Chance that a level which is touched vanishes; one that is absent appears. So a touched price is filled 1 / (1 + this) of the time. */
const VANISH = 0.6;
/** Level changes between two moves of the mid by one tick. */
const CHANGES_PER_MOVE = 40;

/**
 * Diffs of a book whose mid walks by single ticks, most changes near the best: the distance of a change from the mid is
 * range · u³ with u uniform, unless `nearness` says otherwise. Every move deletes the price that it crosses, whether or not it is known to be filled, and the last
 * messages walk the mid back to where it began; so any book that starts as `start` stays uncrossed however often all are applied.
 */
export function depthFlow({ seed, messages: count, levelsPerMessage, depth, nearness = 3 }: DepthFlowOptions): DepthFlow {
  const rng = new SplitMix32(seed);
  const range = Math.round(depth * (1 + VANISH));
  const bids = new Map<number, number>();
  const asks = new Map<number, number>();
  for (let distance = 0; distance < range; distance++) {
    if (distance === 0 || rng.next() < 1 / (1 + VANISH)) bids.set(MID_TICKS - distance, quantity(rng));
    if (distance === 0 || rng.next() < 1 / (1 + VANISH)) asks.set(MID_TICKS + 1 + distance, quantity(rng));
  }
  const start = { bids: sorted(bids, -1), asks: sorted(asks, 1) };

  let mid = MID_TICKS;
  const messages: FlowMessage[] = [];
  for (let sent = 0; sent < count; sent++) {
    const changedBids = new Map<number, number>();
    const changedAsks = new Map<number, number>();
    const set = (side: 'bid' | 'ask', ticks: number, lots: number): void => {
      const [book, changed] = side === 'bid' ? [bids, changedBids] : [asks, changedAsks];
      if (lots === 0) book.delete(ticks);
      else book.set(ticks, lots);
      changed.set(ticks, lots);
    };
    const left = count - sent;
    while (changedBids.size + changedAsks.size < levelsPerMessage) {
      const away = mid - MID_TICKS;
      const home = Math.abs(away) >= left;
      if (home || (left > 1 && nextInt(rng, CHANGES_PER_MOVE) === 0)) {
        const up = home ? away < 0 : rng.next() < 0.5;
        if (up) set('ask', ++mid, 0);
        else set('bid', mid--, 0);
        continue;
      }
      const distance = Math.floor(range * rng.next() ** nearness);
      const side = rng.next() < 0.5 ? 'bid' : 'ask';
      const ticks = side === 'bid' ? mid - distance : mid + 1 + distance;
      const present = (side === 'bid' ? bids : asks).has(ticks);
      set(side, ticks, present && distance > 0 && rng.next() < VANISH ? 0 : quantity(rng));
    }
    messages.push({ bids: sorted(changedBids, -1), asks: sorted(changedAsks, 1) });
  }
  if (mid !== MID_TICKS) throw new Error(`the flow ended ${mid - MID_TICKS} ticks from where it began`);
  return { start, messages, end: after({ start, messages }, messages.length) };
}

/** The book `start` after the first `count` messages, by plain maps. */
export function after({ start, messages }: Pick<DepthFlow, 'start' | 'messages'>, count: number): FlowBook {
  const bids = new Map(start.bids);
  const asks = new Map(start.asks);
  const apply = (book: Map<number, number>, levels: readonly FlowLevel[]): void => {
    for (const [ticks, lots] of levels) {
      if (lots === 0) book.delete(ticks);
      else book.set(ticks, lots);
    }
  };
  for (const message of messages.slice(0, count)) {
    apply(bids, message.bids);
    apply(asks, message.asks);
  }
  return { bids: sorted(bids, -1), asks: sorted(asks, 1) };
}

/** FNV-1a over the `levels` best levels of both sides: prices in ticks and quantities in lots. */
export function checksum(book: FlowBook, levels: number): number {
  let hash = 0x811c9dc5;
  const mix = (value: number): void => {
    hash = Math.imul(hash ^ (value & 0xffff), 0x01000193);
    hash = Math.imul(hash ^ Math.floor(value / 0x10000), 0x01000193);
  };
  for (const side of [book.bids, book.asks]) {
    for (const [ticks, lots] of side.slice(0, levels)) {
      mix(ticks);
      mix(lots);
    }
  }
  return hash >>> 0;
}

/** Log-uniform between 0.01 and 100 units. */
function quantity(rng: SplitMix32): number {
  return Math.round(100 * 10 ** (4 * rng.next()));
}

function sorted(levels: ReadonlyMap<number, number>, direction: 1 | -1): FlowLevel[] {
  return [...levels].sort(([a], [b]) => direction * (a - b));
}
