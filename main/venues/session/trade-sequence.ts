import type { Trade } from '../../../core/market/trade.ts';

/**
 * What a venue's trade ids tell. `contiguous`: each is the one before plus 1, so a hole shows by itself.
 * `increasing`: later trades have higher ids, holes do not show. `unordered`: ids only tell trades apart.
 */
export type TradeIds = 'contiguous' | 'increasing' | 'unordered';

/** The newest trade that was delivered. */
export interface TradeCursor {
  readonly id: number;
  readonly time: number;
}

/** Ids of the trades that an `unordered` venue may send twice: more than one REST page holds. */
const REMEMBERED_IDS = 2_048;
/** While trades are held back for a back-fill; far more than arrive in the time that one takes. */
const MAX_HELD = 50_000;

/**
 * Trades of one instrument in order and once each, across lost connections. A hole is closed before anything newer is
 * delivered: `wantsBackfill` turns true, new trades are held, and `onBackfill` puts the fetched ones in front of them.
 * What cannot be fetched is counted in `missed` (ids known) or `holes` and named in `problem`. Pure.
 */
export class TradeSequence {
  readonly #ids: TradeIds;
  readonly #deliver: (trade: Trade) => void;
  readonly #recent = new Set<number>();
  readonly #ring = new Float64Array(REMEMBERED_IDS);
  #count = 0;
  #lastId = -1;
  #lastTime = 0;
  #held: Trade[] | undefined;
  /** Those of the held ones from here on came without an interruption. */
  #wholeFrom = 0;
  /** The newest back-fill was answered before the stream told anything: what lies between the two is not known yet. */
  #isUnproven = false;
  /** Nothing was heard since it went on after an earlier sequence. */
  #isResumed = false;
  /** The stream may have lost trades from this time on, before the last delivered one. */
  #doubtedFrom = Number.POSITIVE_INFINITY;
  /** Trades known to be missing for good. */
  missed = 0;
  /** Times that trades were missed, or may have been. */
  holes = 0;
  backfilled = 0;
  problem: string | undefined;

  constructor(ids: TradeIds, deliver: (trade: Trade) => void) {
    this.#ids = ids;
    this.#deliver = deliver;
  }

  get wantsBackfill(): boolean {
    return this.#held !== undefined;
  }

  get cursor(): TradeCursor {
    return { id: this.#lastId, time: this.#lastTime };
  }

  /**
   * Goes on after a trade that an earlier sequence delivered: what was missed since then is back-filled. A market that has gone back
   * to before it, as a practice market does, begins anew instead.
   */
  resume({ id, time }: TradeCursor): void {
    this.#lastTime = time;
    if (this.#ids === 'unordered') this.#remember(id);
    this.#lastId = id;
    this.#isResumed = true;
    this.interrupted();
  }

  onTrade(trade: Trade): void {
    if (this.#isResumed) {
      this.#isResumed = false;
      if (trade.tsEvent < this.#lastTime) this.#beginAnew();
    }
    if (this.#held !== undefined) {
      this.#held.push(trade);
      if (this.#held.length > MAX_HELD) this.giveUp('the back-fill took too long');
    } else if (!this.#isKnown(trade)) {
      if (this.#isUnproven) this.#held = [trade];
      else if (this.#ids === 'contiguous' && this.#lastId >= 0 && trade.id > this.#lastId + 1) this.#held = [trade];
      else this.#take(trade);
    }
  }

  /**
   * The connection was lost, or what came on it since `since` (the venue's time) is doubtful. Where ids do not show holes,
   * there may be one from then on; trades that came after it may have been delivered already.
   */
  interrupted(since = Number.POSITIVE_INFINITY): void {
    if (this.#ids === 'contiguous' || this.#lastTime === 0) return;
    this.#held ??= [];
    this.#wholeFrom = this.#held.length;
    this.#doubtedFrom = Math.min(this.#doubtedFrom, since);
  }

  /**
   * Puts fetched trades (oldest first) in front of those held back and goes on.
   * False: REST is still behind the stream; nothing was delivered, ask again. `final` delivers anyway.
   */
  onBackfill(fetched: readonly Trade[], final: boolean): boolean {
    const held = this.#held;
    if (held === undefined) return true;
    const merged = this.#merged(fetched, held);
    if (!final && this.#ids === 'contiguous' && this.#isBehind(fetched, merged)) return false;
    // A known trade from after the doubt began says nothing of what came before it.
    const from = Math.min(this.#lastTime, this.#doubtedFrom);
    if (this.#ids !== 'contiguous' && !fetched.some((trade) => trade.tsEvent <= from && this.#isKnown(trade))) {
      const reached = Math.min(fetched[0]?.tsEvent ?? Number.POSITIVE_INFINITY, this.#wholeSince(held));
      this.#note(missingText(from, reached, "the venue's recent trades do not reach back to there"));
    }
    this.#goOn();
    const streamed = new Set(held.map(({ id }) => id));
    for (const trade of merged) {
      if (this.#isKnown(trade)) continue;
      if (!streamed.has(trade.id)) this.backfilled++;
      this.#take(trade);
    }
    return true;
  }

  /** The back-fill failed for good: what was held goes on, what is missing is counted. */
  giveUp(reason: string): void {
    const held = this.#held;
    if (held === undefined) return;
    const from = Math.min(this.#lastTime, this.#doubtedFrom);
    if (this.#ids !== 'contiguous') this.#note(missingText(from, this.#wholeSince(held), reason));
    this.#goOn();
    this.#isUnproven = false;
    for (const trade of held) if (!this.#isKnown(trade)) this.#take(trade);
  }

  /** The time from which on the held ones are whole; infinite while none has come. */
  #wholeSince(held: readonly Trade[]): number {
    return held[this.#wholeFrom]?.tsEvent ?? Number.POSITIVE_INFINITY;
  }

  #goOn(): void {
    this.#isUnproven = this.#ids !== 'contiguous' && this.#held?.length === this.#wholeFrom;
    this.#held = undefined;
    this.#wholeFrom = 0;
    this.#doubtedFrom = Number.POSITIVE_INFINITY;
  }

  /** Both lists as one, in order. What is held may itself have holes: the connection may have been lost while it was held. */
  #merged(fetched: readonly Trade[], held: readonly Trade[]): readonly Trade[] {
    // Of ids without an order only the time tells what came before the last delivered one.
    if (this.#ids === 'unordered') {
      const from = Math.min(this.#lastTime, this.#doubtedFrom);
      return [...fetched.filter(({ tsEvent }) => tsEvent >= from), ...held].sort((a, b) => a.tsEvent - b.tsEvent);
    }
    // Ids that began anew cannot be put in order with those before.
    if (held.some((trade) => trade.id <= this.#lastId && !this.#isKnown(trade))) return held;
    return [...fetched, ...held].sort((a, b) => a.id - b.id);
  }

  /** There is a hole that ends beyond what was fetched: a later answer may close it. */
  #isBehind(fetched: readonly Trade[], merged: readonly Trade[]): boolean {
    const newest = fetched[fetched.length - 1]?.id ?? -1;
    let id = this.#lastId;
    for (const trade of merged) {
      if (trade.id > id + 1 && trade.id - 1 > newest) return true;
      id = Math.max(id, trade.id);
    }
    return false;
  }

  #isKnown({ id, tsEvent }: Trade): boolean {
    if (this.#ids === 'unordered') return this.#recent.has(id);
    // Older ids with newer times are a sequence that began anew, as after a venue's reset.
    return id <= this.#lastId && tsEvent <= this.#lastTime;
  }

  #take(trade: Trade): void {
    const { id, tsEvent } = trade;
    if (this.#ids === 'unordered') this.#remember(id);
    else if (this.#lastId >= 0 && id <= this.#lastId) this.#note(`trade ids went back from ${this.#lastId} to ${id}`);
    else if (this.#ids === 'contiguous' && this.#lastId >= 0 && id > this.#lastId + 1) {
      this.missed += id - this.#lastId - 1;
      this.#note(`${id - this.#lastId - 1} trades missed (ids ${this.#lastId + 1}–${id - 1})`);
    }
    this.#lastId = id;
    this.#lastTime = Math.max(tsEvent, this.#ids === 'unordered' ? this.#lastTime : 0);
    this.#deliver(trade);
  }

  #beginAnew(): void {
    this.#lastId = -1;
    this.#lastTime = 0;
    this.#goOn();
    this.#isUnproven = false;
    this.#recent.clear();
  }

  #remember(id: number): void {
    const slot = this.#count++ % REMEMBERED_IDS;
    if (this.#count > REMEMBERED_IDS) this.#recent.delete(this.#ring[slot] as number);
    this.#ring[slot] = id;
    this.#recent.add(id);
  }

  #note(problem: string): void {
    this.holes++;
    this.problem = problem;
  }
}

/**
 * A 53-bit number for a trade id that is no integer below 2^53 (a UUID, an order-flow id of 19 digits): FNV-1a over its
 * characters, in two halves. Among the 2,048 ids that are compared the chance of two alike is 1 in 4·10^9.
 */
export function idOfText(text: string): number {
  let low = 0x811c9dc5;
  let high = 0x9747b28c;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ code ^ (low >>> 24), 0x01000193);
  }
  return (high >>> 11) * 4294967296 + (low >>> 0);
}

/** `to`: from where on nothing is missing again. */
function missingText(from: number, to: number, reason: string): string {
  // All that came in between may have been delivered already, and what is missing lie among it.
  const span = to > from && Number.isFinite(to) ? `from ${isoTime(from)} to ${isoTime(to)}` : `after ${isoTime(from)}`;
  return `trades ${span} may be missing: ${reason}`;
}

function isoTime(time: number): string {
  return new Date(time).toISOString();
}
