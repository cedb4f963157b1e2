import type { BookState } from '../../../core/contracts/market-views.ts';
import type { BookLevel, L2Book } from '../../../core/market/l2-book.ts';
import { cloneDelta, type DepthDelta } from './depth-delta.ts';

export interface DepthSnapshot {
  readonly lastUpdateId: number;
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

/** What a message did to the book. `broken`: it became stale and wants a fresh snapshot. */
export type DeltaOutcome = 'applied' | 'buffered' | 'ignored' | 'broken';
/** `too-old`: the snapshot ends before the buffered diffs begin; fetch another. */
export type SnapshotOutcome = 'live' | 'waiting' | 'too-old' | 'broken' | 'ignored';

/** 100 ms diffs: a quarter of an hour. What is older than that no snapshot will need. */
const MAX_BUFFERED = 9_000;
/** So many old diffs in a row are no late duplicates: the venue's ids went backwards. */
const MAX_OLD_IN_A_ROW = 20;
/** REST may run ahead of a slow stream; beyond this the snapshot belongs to another sequence. */
const MAX_OLD_AFTER_SNAPSHOT = 200;

/**
 * Keeps one book in step with Binance spot's diff stream (VENUES.md): buffer diffs; take a snapshot; drop diffs with
 * u ≤ lastUpdateId; the first kept one spans lastUpdateId + 1; from then on U = previous u + 1.
 * The book is live only while that chain is proven. Pure: whoever drives it fetches a snapshot whenever `wantsSnapshot`.
 */
export class BookSync {
  readonly book: L2Book;
  readonly #onState: (state: BookState, reason: string) => void;
  #state: BookState = 'empty';
  #reason = 'not connected yet';
  #connected = false;
  /** u of the last applied diff, or the snapshot's id while no diff has been matched to it. */
  #lastId = -1;
  /** A snapshot is in the book and waits for the diff that spans lastUpdateId + 1. */
  #snapshotApplied = false;
  #buffer: DepthDelta[] = [];
  #oldInARow = 0;
  #everLive = false;
  gaps = 0;
  resyncs = 0;

  constructor(book: L2Book, onState: (state: BookState, reason: string) => void) {
    this.book = book;
    this.#onState = onState;
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

  /** True from the first buffered diff on: a snapshot asked for now cannot end before the diffs begin for good. */
  get wantsSnapshot(): boolean {
    return this.#connected && this.#state !== 'live' && !this.#snapshotApplied && this.#buffer.length > 0;
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

  /** `delta` may be reused by the caller afterwards. */
  onDelta(delta: DepthDelta): DeltaOutcome {
    if (!this.#connected) return 'ignored';
    if (this.#state !== 'live' && !this.#snapshotApplied) {
      if (this.#buffer.length >= MAX_BUFFERED) this.#buffer.splice(0, MAX_BUFFERED / 2);
      this.#buffer.push(cloneDelta(delta));
      return 'buffered';
    }
    return this.#chain(delta);
  }

  onSnapshot(snapshot: DepthSnapshot): SnapshotOutcome {
    if (!this.wantsSnapshot) return 'ignored';
    const first = this.#buffer[0] as DepthDelta;
    if (snapshot.lastUpdateId + 1 < first.firstId) return 'too-old';
    this.book.applySnapshot(snapshot.bids, snapshot.asks);
    this.#lastId = snapshot.lastUpdateId;
    this.#snapshotApplied = true;
    if (this.book.isCrossed) {
      this.#restart();
      this.#break('the snapshot is crossed');
      return 'broken';
    }
    const buffered = this.#buffer;
    this.#buffer = [];
    let next = 0;
    while (next < buffered.length && (buffered[next] as DepthDelta).finalId < this.#lastId) next++;
    for (let i = next; i < buffered.length; i++) {
      if (this.#chain(buffered[i] as DepthDelta) === 'broken') {
        // #break kept the offending diff; what came after it must not be lost either.
        for (const rest of buffered.slice(i + 1)) this.#buffer.push(rest);
        return 'broken';
      }
    }
    this.#oldInARow = 0;
    return this.#state === 'live' ? 'live' : 'waiting';
  }

  /** Applies a diff that must follow `lastId`. */
  #chain(delta: DepthDelta): DeltaOutcome {
    if (delta.finalId < this.#lastId || (this.#state === 'live' && delta.finalId === this.#lastId)) return this.#old(delta);
    if (this.#state === 'live' ? delta.firstId !== this.#lastId + 1 : delta.firstId > this.#lastId + 1) {
      this.gaps++;
      const reason = `gap: update ${this.#lastId + 1} expected, ${delta.firstId}–${delta.finalId} came`;
      this.#restart();
      this.#buffer.push(cloneDelta(delta));
      this.#break(reason);
      return 'broken';
    }
    this.#oldInARow = 0;
    // A diff that ends at the snapshot's own id is in it already, and proves that the stream goes on right after it.
    const contained = delta.finalId === this.#lastId;
    if (!contained) {
      applyDelta(this.book, delta);
      this.#lastId = delta.finalId;
      if (this.book.isCrossed) {
        const reason = `crossed: bid ${this.book.bestBid} at or above ask ${this.book.bestAsk} after update ${delta.finalId}`;
        this.#restart();
        this.#break(reason);
        return 'broken';
      }
    }
    if (this.#state !== 'live') this.#goLive();
    return contained ? 'ignored' : 'applied';
  }

  #old(delta: DepthDelta): DeltaOutcome {
    if (++this.#oldInARow < (this.#state === 'live' ? MAX_OLD_IN_A_ROW : MAX_OLD_AFTER_SNAPSHOT)) return 'ignored';
    const reason = `update ids went back: ${delta.finalId} after ${this.#lastId}`;
    this.gaps++;
    this.#restart();
    this.#buffer.push(cloneDelta(delta));
    this.#break(reason);
    return 'broken';
  }

  #goLive(): void {
    if (this.#everLive) this.resyncs++;
    this.#everLive = true;
    this.#snapshotApplied = false;
    this.#set('live', 'in step with the stream');
  }

  #restart(): void {
    this.#buffer = [];
    this.#snapshotApplied = false;
    this.#lastId = -1;
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

function applyDelta(book: L2Book, delta: DepthDelta): void {
  const { bidTicks, bidLots, bidCount, askTicks, askLots, askCount } = delta;
  for (let i = 0; i < bidCount; i++) book.setLevel('bid', bidTicks[i] as number, bidLots[i] as number);
  for (let i = 0; i < askCount; i++) book.setLevel('ask', askTicks[i] as number, askLots[i] as number);
}
