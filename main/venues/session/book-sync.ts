import type { BookState } from '../../../core/contracts/market-views.ts';
import { BookColumns } from '../../../core/market/book-columns.ts';
import type { BookLevel, L2Book } from '../../../core/market/l2-book.ts';
import type { BookChange } from '../../ports/venue.ts';
import { cloneDelta, type DepthDelta } from './depth-delta.ts';

/** A book asked for over REST. */
export interface DepthSnapshot {
  readonly lastUpdateId: number;
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
  /** Where the venue gives only the best levels: the last prices of them, beyond which nothing is known. */
  readonly reach?: BookReach;
}

/** In ticks. 0 and infinity for a side that is known to its end. */
export interface BookReach {
  readonly bid: number;
  readonly ask: number;
}

/** How far a snapshot reaches that was asked for with `limit` levels a side: with fewer it is whole. */
export function reachOf(bids: readonly BookLevel[], asks: readonly BookLevel[], limit: number): BookReach {
  const ticksOf = (levels: readonly BookLevel[]): number[] => levels.map(([ticks]) => ticks);
  return {
    bid: bids.length < limit ? 0 : Math.min(...ticksOf(bids)),
    ask: asks.length < limit ? Number.POSITIVE_INFINITY : Math.max(...ticksOf(asks)),
  };
}

/**
 * How a delta stands to the last id that the book has.
 * `next` follows it; `contained` adds nothing but proves that the stream goes on right after it (or keeps it alive);
 * `old` is behind it; `gap`: something in between is lost.
 */
export type Relation = 'next' | 'contained' | 'old' | 'gap';

/** A venue's rules of sequence, in its `sync.ts`. Pure. */
export interface SequenceRule {
  /** Where a book begins: with a REST snapshot that is matched to the buffered stream, or with one in the stream itself. */
  readonly snapshotFrom: 'rest' | 'stream';
  /** `bridging`: `lastId` is that of a REST snapshot to which no delta has been matched yet. */
  relate(delta: DepthDelta, lastId: number, bridging: boolean): Relation;
  /** REST only: the snapshot ends before the first buffered delta begins, so another one is needed. */
  isTooOld?(snapshotId: number, firstBuffered: DepthDelta): boolean;
  /** Levels a side that the venue tells about: deeper ones are cut off after each delta, before `settle`. */
  readonly depth?: number;
  /** After each applied delta: compare a checksum. Returns why the book cannot be believed. */
  settle?(book: L2Book, delta: DepthDelta): string | undefined;
}

/** What a message did to the book. `broken`: it became stale and wants a fresh snapshot. */
export type DeltaOutcome = 'applied' | 'buffered' | 'ignored' | 'broken';
/** `too-old`: the snapshot ends before the buffered deltas begin; fetch another. */
export type SnapshotOutcome = 'live' | 'waiting' | 'too-old' | 'broken' | 'ignored';

/** 100 ms deltas: a quarter of an hour. What is older than that no snapshot will need. */
const MAX_BUFFERED = 9_000;
/** So many old deltas in a row are no late duplicates: the venue's ids went backwards. */
const MAX_OLD_IN_A_ROW = 20;
/** REST may run ahead of a slow stream; beyond this the snapshot belongs to another sequence. */
const MAX_OLD_AFTER_SNAPSHOT = 200;

/** So many levels a side must be known of a book that a snapshot reached only part of; with fewer it begins anew. */
const MIN_KNOWN_LEVELS = 20;

/** Told of every change of a live book, and of the whole book when it goes live. `change` is reused. */
export type BookTap = (change: BookChange, tsEvent: number) => void;

/**
 * Keeps one book in step with a venue's stream by the venue's `SequenceRule`. The book is live only while the chain of
 * ids from its snapshot is proven, it is not crossed and the rule's own check holds. Pure: whoever drives it gets a
 * snapshot (by REST, or by subscribing anew) whenever `wantsSnapshot`.
 */
export class BookSync {
  readonly #rule: SequenceRule;
  readonly #onState: (state: BookState, reason: string) => void;
  readonly #tap: BookTap | undefined;
  /** The whole book for the tap, and what the last delta pushed below the venue's depth. */
  readonly #columns = new BookColumns();
  readonly #cut = new BookColumns();
  #book: L2Book;
  #state: BookState = 'empty';
  #reason = 'not connected yet';
  #connected = false;
  /** Final id of the last applied delta, or the snapshot's id while no delta has been matched to it. */
  #lastId = -1;
  /** The venue's time of the last applied delta. */
  #tsEvent = 0;
  /** How far the snapshot reached; undefined where that is to the end. */
  #reach: BookReach | undefined;
  /** A REST snapshot is in the book and waits for the delta that follows it. */
  #snapshotApplied = false;
  #buffer: DepthDelta[] = [];
  #oldInARow = 0;
  #everLive = false;
  gaps = 0;
  resyncs = 0;

  constructor(book: L2Book, rule: SequenceRule, onState: (state: BookState, reason: string) => void, tap?: BookTap) {
    this.#book = book;
    this.#rule = rule;
    this.#onState = onState;
    this.#tap = tap;
  }

  get book(): L2Book {
    return this.#book;
  }

  get state(): BookState {
    return this.#state;
  }

  get reason(): string {
    return this.#reason;
  }

  get lastId(): number {
    return this.#lastId;
  }

  /** For REST true from the first buffered delta on: a snapshot asked for now cannot end before the deltas begin for good. */
  get wantsSnapshot(): boolean {
    if (!this.#connected || this.#state === 'live') return false;
    return this.#rule.snapshotFrom === 'stream' || (!this.#snapshotApplied && this.#buffer.length > 0);
  }

  connected(): void {
    this.#connected = true;
    this.#restart();
    this.#set(this.#everLive ? 'resyncing' : 'syncing', 'waiting for the first update');
  }

  disconnected(reason: string): void {
    this.#connected = false;
    this.#restart();
    if (this.#state !== 'empty') this.#set('stale', reason);
  }

  /** Silence, an unreadable message: whatever makes the book doubtful from outside. Stale at once, then a new start. */
  invalidate(reason: string): void {
    if (!this.#connected) return;
    this.#restart();
    this.#break(reason);
  }

  /** From now on `book` is kept, which gets the content of the one before. */
  moveTo(book: L2Book): void {
    const levels = (side: 'bid' | 'ask'): BookLevel[] =>
      Array.from({ length: this.#book.depth(side) }, (_, rank) => [
        this.#book.ticksAt(side, rank),
        this.#book.lotsAt(side, rank),
      ]);
    book.applySnapshot(levels('bid'), levels('ask'));
    this.#book = book;
  }

  /** Tells the tap the whole book, where a chain of changes begins anew. Only a live book is told. */
  tellWhole(): void {
    if (this.#state === 'live') this.#tapWhole();
  }

  /** `delta` may be reused by the caller afterwards. */
  onDelta(delta: DepthDelta): DeltaOutcome {
    if (!this.#connected) return 'ignored';
    if (delta.snapshot) return this.#replace(delta);
    if (this.#state === 'live' || this.#snapshotApplied) return this.#chain(delta);
    if (this.#rule.snapshotFrom === 'stream') return 'ignored';
    if (this.#buffer.length >= MAX_BUFFERED) this.#buffer.splice(0, MAX_BUFFERED / 2);
    this.#buffer.push(cloneDelta(delta));
    return 'buffered';
  }

  onSnapshot(snapshot: DepthSnapshot): SnapshotOutcome {
    if (!this.wantsSnapshot || this.#rule.snapshotFrom === 'stream') return 'ignored';
    if (this.#rule.isTooOld?.(snapshot.lastUpdateId, this.#buffer[0] as DepthDelta) === true) return 'too-old';
    this.#book.applySnapshot(snapshot.bids, snapshot.asks);
    this.#lastId = snapshot.lastUpdateId;
    this.#reach = snapshot.reach;
    this.#snapshotApplied = true;
    if (this.#book.isCrossed) {
      this.#restart();
      this.#break('the snapshot is crossed');
      return 'broken';
    }
    const buffered = this.#buffer;
    this.#buffer = [];
    let next = 0;
    while (next < buffered.length && this.#rule.relate(buffered[next] as DepthDelta, this.#lastId, true) === 'old') next++;
    for (let i = next; i < buffered.length; i++) {
      if (this.#chain(buffered[i] as DepthDelta) === 'broken') {
        // #lost kept the offending delta; what came after it must not be lost either.
        for (const rest of buffered.slice(i + 1)) this.#buffer.push(rest);
        return 'broken';
      }
    }
    this.#oldInARow = 0;
    return this.#state === 'live' ? 'live' : 'waiting';
  }

  /** A snapshot in the stream: whatever was there before, this is the book now. */
  #replace(delta: DepthDelta): DeltaOutcome {
    this.#restart();
    this.#book.clear();
    applyDelta(this.#book, delta);
    this.#lastId = delta.finalId;
    this.#tsEvent = delta.tsEvent;
    const doubt = this.#doubt(delta);
    if (doubt !== undefined) {
      this.#restart();
      this.#break(doubt);
      return 'broken';
    }
    if (this.#state !== 'live') this.#goLive();
    else this.#tapWhole();
    return 'applied';
  }

  /** Applies a delta that must follow `lastId`. */
  #chain(delta: DepthDelta): DeltaOutcome {
    const relation = this.#rule.relate(delta, this.#lastId, this.#state !== 'live');
    if (relation === 'old') {
      if (++this.#oldInARow < (this.#state === 'live' ? MAX_OLD_IN_A_ROW : MAX_OLD_AFTER_SNAPSHOT)) return 'ignored';
      return this.#lost(delta, `update ids went back: ${delta.finalId} after ${this.#lastId}`);
    }
    if (relation === 'gap') return this.#lost(delta, gapText(delta, this.#lastId));
    this.#oldInARow = 0;
    if (relation === 'next') {
      if (this.#reach !== undefined) dropBeyond(delta, this.#reach);
      applyDelta(this.#book, delta);
      this.#lastId = delta.finalId;
      this.#tsEvent = delta.tsEvent;
      const doubt = this.#doubt(delta);
      if (doubt !== undefined) {
        this.#restart();
        this.#break(doubt);
        return 'broken';
      }
      if (this.#tap !== undefined && this.#state === 'live') {
        this.#tap(delta, delta.tsEvent);
        if (this.#cut.bidCount + this.#cut.askCount > 0) this.#tap(this.#cut, delta.tsEvent);
      }
    }
    if (this.#state !== 'live') this.#goLive();
    return relation === 'next' ? 'applied' : 'ignored';
  }

  #doubt(delta: DepthDelta): string | undefined {
    if (this.#rule.depth !== undefined) this.#cut.cutBelow(this.#book, this.#rule.depth);
    const doubt = this.#outOfReach() ?? this.#rule.settle?.(this.#book, delta);
    if (doubt !== undefined || !this.#book.isCrossed) return doubt;
    return `crossed: bid ${this.#book.bestBid} at or above ask ${this.#book.bestAsk} after update ${delta.finalId}`;
  }

  /** The market moved on: what comes next behind the known levels may have rested there all the while, untold. */
  #outOfReach(): string | undefined {
    const reach = this.#reach;
    if (reach === undefined) return undefined;
    const isShort =
      (reach.bid > 0 && this.#book.depth('bid') < MIN_KNOWN_LEVELS) ||
      (reach.ask < Number.POSITIVE_INFINITY && this.#book.depth('ask') < MIN_KNOWN_LEVELS);
    return isShort ? `fewer than ${MIN_KNOWN_LEVELS} levels are left of what the snapshot reached` : undefined;
  }

  #lost(delta: DepthDelta, reason: string): DeltaOutcome {
    this.gaps++;
    this.#restart();
    if (this.#rule.snapshotFrom === 'rest') this.#buffer.push(cloneDelta(delta));
    this.#break(reason);
    return 'broken';
  }

  #tapWhole(): void {
    if (this.#tap === undefined) return;
    this.#columns.copyOf(this.#book);
    this.#tap(this.#columns, this.#tsEvent);
  }

  #goLive(): void {
    if (this.#everLive) this.resyncs++;
    this.#everLive = true;
    this.#snapshotApplied = false;
    this.#tapWhole();
    this.#set('live', 'in step with the stream');
  }

  #restart(): void {
    this.#buffer = [];
    this.#snapshotApplied = false;
    this.#lastId = -1;
    this.#reach = undefined;
    this.#oldInARow = 0;
  }

  #break(reason: string): void {
    this.#set('stale', reason);
    this.#set('resyncing', reason);
  }

  #set(state: BookState, reason: string): void {
    this.#state = state;
    this.#reason = reason;
    this.#onState(state, reason);
  }
}

/** Takes out of `delta` the levels of which the book could only know some. */
function dropBeyond(delta: DepthDelta, reach: BookReach): void {
  const { bidTicks, bidLots, askTicks, askLots } = delta;
  let kept = 0;
  for (let i = 0; i < delta.bidCount; i++) {
    if ((bidTicks[i] as number) < reach.bid) continue;
    bidTicks[kept] = bidTicks[i] as number;
    bidLots[kept++] = bidLots[i] as number;
  }
  delta.bidCount = kept;
  kept = 0;
  for (let i = 0; i < delta.askCount; i++) {
    if ((askTicks[i] as number) > reach.ask) continue;
    askTicks[kept] = askTicks[i] as number;
    askLots[kept++] = askLots[i] as number;
  }
  delta.askCount = kept;
}

function gapText(delta: DepthDelta, lastId: number): string {
  return delta.previousId >= 0
    ? `gap: the update after ${lastId} expected, the one after ${delta.previousId} came (${delta.finalId})`
    : `gap: update ${lastId + 1} expected, ${delta.firstId}–${delta.finalId} came`;
}

function applyDelta(book: L2Book, delta: DepthDelta): void {
  book.applyLevels('bid', delta.bidTicks, delta.bidLots, delta.bidCount);
  book.applyLevels('ask', delta.askTicks, delta.askLots, delta.askCount);
}
