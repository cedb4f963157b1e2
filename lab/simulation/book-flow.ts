import { nextInt, nextNormal, type Rng } from '../../core/base/rng.ts';
import type { LabInstrument } from '../instruments.ts';
import { type BookSide, LabBook } from './book.ts';
import type { MarketPrice } from './minute-trades.ts';
import { halfSpreadTicks } from './minute.ts';

/** Levels per side: cut at so many, and grown back to at least a share of them (below Binance's snapshot of 1000, so that a snapshot holds the whole book). */
const LEVELS_MAX = 600;
const LEVELS_WANTED_SHARE = 2 / 3;
/** Distance between neighbouring levels near the touch, as a share of the price; it grows to GAP_GROWTH times that at the far end. */
const GAP_SHARE = 1.5e-5;
const GAP_GROWTH = 8;
/** Level size in the deep book, as a share of what trades in a typical minute; near the touch it is a fifth of it. */
const DEEP_SIZE_SHARE = 0.05;
const TOUCH_SIZE_SHARE = 0.2;
/** How many levels, in the mean, random orders fall behind the touch. */
const MEAN_LEVEL = 12;
/** Share of random orders that fall anywhere in the side instead. */
const FAR_SHARE = 0.2;
/** A gap this many times the usual one is wide. */
const GAP_WIDE = 4;
/** A jump leaves a hole behind it; at most this many levels fill it at once. */
const REFILL_MAX = 40;

/**
 * Moves a book as makers would: quotes follow every trade so that it happens at the touch, the touch is taken out by takers,
 * and between trades orders are added, changed and cancelled at random, mostly near the touch. Bids stay below asks at every step.
 */
export class BookFlow {
  readonly book: LabBook;
  readonly #rng: Rng;
  readonly #typicalLots: number;
  readonly #levelsMax: number;
  readonly #levelsWanted: number;

  /** A fresh book around `tick`. */
  constructor(rng: Rng, instrument: LabInstrument, tick: number, firstUpdateId: number) {
    this.#rng = rng;
    this.#typicalLots = instrument.typicalMinuteVolume * 10 ** instrument.lotDecimals;
    this.#levelsMax = instrument.bookLevels ?? LEVELS_MAX;
    this.#levelsWanted = Math.round(this.#levelsMax * LEVELS_WANTED_SHARE);
    this.book = new LabBook(firstUpdateId);
    const half = Math.max(1, Math.round(halfSpreadTicks(tick)));
    this.book.set(this.book.bids, tick - half, this.#size(0));
    this.book.set(this.book.asks, tick + half, this.#size(0));
    this.#extend(this.book.bids, this.#levelsWanted);
    this.#extend(this.book.asks, this.#levelsWanted);
    // The first book is where the market begins, not something that changed.
    this.book.drain();
  }

  /** A taker's trade: better quotes have gone, the touch is at the trade's price, and part or all of it is consumed. */
  applyTrade(tick: number, lots: number, buy: boolean): void {
    const { book } = this;
    const taken = buy ? book.asks : book.bids;
    const other = buy ? book.bids : book.asks;
    this.#clearBetterThan(taken, tick);
    // The far side's quotes at this price or beyond would cross with the trade.
    for (let best = other.best; best !== undefined && (buy ? best >= tick : best <= tick); best = other.best)
      book.set(other, best, 0);
    const resting = taken.lotsAt(tick);
    if (resting > lots) book.set(taken, tick, resting - lots);
    else if (resting > 0 && this.#rng.next() < 0.5 && taken.depth > 1) book.set(taken, tick, 0);
    else book.set(taken, tick, this.#size(0));
    this.#follow(tick, buy);
  }

  /**
   * Makers' quotes around the market's price, in ticks: bids below and asks at or above what it is on every venue, and each side's
   * touch half a spread from what it is here or not far behind.
   */
  quote({ parity, fair }: MarketPrice): void {
    const lowestAsk = Math.ceil(parity);
    const half = halfSpreadTicks(fair);
    this.#quoteSide(this.book.bids, lowestAsk - 1, Math.floor(fair - half));
    this.#quoteSide(this.book.asks, lowestAsk, Math.ceil(fair + half));
  }

  #quoteSide(side: BookSide, limit: number, wanted: number): void {
    this.#clearBetterThan(side, limit);
    this.#bringUp(side, side.better(wanted, limit) ? limit : wanted, 0);
  }

  /** Random adds, changes and cancels of one step. */
  churn(): void {
    const events = 4 + nextInt(this.#rng, 9);
    for (let i = 0; i < events; i++) this.#order(this.#rng.next() < 0.5 ? this.book.bids : this.book.asks);
    for (const side of [this.book.bids, this.book.asks]) {
      if (side.depth < this.#levelsWanted) this.#extend(side, Math.min(this.#levelsWanted, side.depth + 20));
      while (side.depth > this.#levelsMax) this.book.set(side, side.worst as number, 0);
    }
  }

  /** One maker's action somewhere in the side. The usual density holds: wide gaps attract orders, and no cancel tears one open. */
  #order(side: BookSide): void {
    const far = this.#rng.next() < FAR_SHARE;
    const level = Math.min(
      side.depth - 1,
      far ? nextInt(this.#rng, side.depth) : Math.floor(-Math.log(1 - this.#rng.next()) * MEAN_LEVEL),
    );
    const index = side.depth - 1 - level;
    const tick = side.ticks[index] as number;
    const worse = side.ticks[index - 1] ?? tick;
    const wide = GAP_WIDE * Math.max(1, this.#meanGap(tick, level));
    const gap = Math.abs(tick - worse);
    if (gap > wide) {
      const inGap = tick + Math.sign(worse - tick) * (1 + nextInt(this.#rng, gap - 1));
      this.book.set(side, inGap, this.#size(level));
      return;
    }
    const choice = this.#rng.next();
    if (choice < 0.6) this.book.set(side, tick, this.#size(level));
    else if (choice < 0.8) this.#add(side, tick, level);
    else if (level > 0 && Math.abs((side.ticks[index + 1] as number) - worse) <= wide) this.book.set(side, tick, 0);
  }

  #clearBetterThan(side: BookSide, tick: number): void {
    for (let best = side.best; best !== undefined && side.better(best, tick); best = side.best) this.book.set(side, best, 0);
  }

  /** Brings the quotes opposite the taker up to the usual distance, and fills the hole that a jump left behind them. */
  #follow(tick: number, buy: boolean): void {
    const usual = Math.max(1, Math.round(2 * halfSpreadTicks(tick)));
    this.#bringUp(buy ? this.book.bids : this.book.asks, tick, 1 + nextInt(this.#rng, usual));
  }

  /** Where a side begins far from `tick`, quotes from so many ticks behind that up to where it begins. */
  #bringUp(side: BookSide, tick: number, behind: number): void {
    const { book } = this;
    const away = side === book.bids ? -1 : 1;
    const usual = Math.max(1, Math.round(2 * halfSpreadTicks(tick)));
    const old = side.best;
    if (old !== undefined && Math.abs(tick - old) <= 2 * usual) return;
    let at = tick + away * behind;
    for (let level = 0; level < REFILL_MAX && at > 0 && (old === undefined || side.better(at, old)); level++) {
      book.set(side, at, this.#size(level));
      at += away * this.#gap(tick, level);
    }
  }

  /** A new level near `tick`, sometimes improving the touch, never at or through the other side. */
  #add(side: BookSide, tick: number, level: number): void {
    const bid = side === this.book.bids;
    const towards = bid ? 1 : -1;
    const other = (bid ? this.book.asks : this.book.bids).best;
    const at = tick + towards * (1 + nextInt(this.#rng, this.#gap(tick, level))) * (this.#rng.next() < 0.5 ? 1 : -1);
    if (at <= 0 || (other !== undefined && !(bid ? at < other : at > other))) return;
    this.book.set(side, at, this.#size(level));
  }

  /** Grows a side at its far end. */
  #extend(side: BookSide, depth: number): void {
    const away = side === this.book.bids ? -1 : 1;
    while (side.depth < depth) {
      const worst = side.worst as number;
      const at = worst + away * this.#gap(worst, side.depth);
      if (at <= 0) return;
      this.book.set(side, at, this.#size(side.depth));
    }
  }

  #gap(tick: number, level: number): number {
    return 1 + Math.floor(-Math.log(1 - this.#rng.next()) * this.#meanGap(tick, level));
  }

  #meanGap(tick: number, level: number): number {
    return Math.max(1, tick * GAP_SHARE) * (1 + (GAP_GROWTH * level) / this.#levelsWanted);
  }

  #size(level: number): number {
    const distance = 1 - Math.exp(-level / 30);
    const mean = this.#typicalLots * DEEP_SIZE_SHARE * (TOUCH_SIZE_SHARE + (1 - TOUCH_SIZE_SHARE) * distance);
    return Math.max(1, Math.round(mean * Math.exp(0.9 * nextNormal(this.#rng))));
  }
}
