import type { EpochMs } from '../../base/clock.ts';
import { isLate, type Trade } from '../../market/trade.ts';
import { type BookSample, bookPressure, microOffsetBps, touchImbalance } from './book-pressure.ts';
import { LargeTrades } from './large-trades.ts';
import { MICROSTRUCTURE_FEATURES, MICROSTRUCTURE_INDEX as AT } from './microstructure-features.ts';
import { LONGEST_PAUSE_MS } from './pause.ts';
import { fitLine, type Line } from './regression.ts';
import { SecondRows } from './second-rows.ts';
import { Vpin } from './vpin.ts';

const SECOND_MS = 1_000;
const FLOW_MS = 60_000;
const IMPACT_MS = 300_000;
/** When it is looked whether the mid went the taker's way, after the second of the trade is over. */
const REALISED_MS = 5_000;
/** Pairs of return and signed volume that a regression needs, and seconds with trades that a mean does. */
const LEAST_PAIRS = 60;
const LEAST_TRADED = 20;
/** A sample is believed for so long. */
const SAMPLE_MS = 1_000;
const INTENSITY_MS = 10_000;
const DAY_MS = 86_400_000;
const MILLION = 1e6;

/**
 * Microstructure of one symbol from its trades and the samples of its consolidated book, in the order in which they come. No object is
 * made for a trade, a sample or an answer. Flow, costs and impact are told of whole seconds, once a second; what is of the book is
 * of its newest sample. After a start each feature is NaN until its window was watched.
 *
 * - *Effective spread* 2·D·(P − M)/M, M the mid of the sample before the trade, weighted by notional; *realised spread*
 *   2·D·(P − M′)/M with M′ the mid 5 s after the second of the trade; what is between them is the *price impact* (Huang & Stoll 1996, "Dealer
 *   versus auction markets"). Trades count against the mid of all venues: one that trades at a premium has it in its costs.
 * - *Kyle's lambda*: the slope of one-second returns of the mid on signed notional (Kyle 1985, "Continuous auctions and insider
 *   trading"); *Hasbrouck's* is on the signed root of each trade's notional (Hasbrouck 2009, "Trading costs and returns for U.S. equities").
 * - *Amihud's illiquidity*: the mean of |return| over notional, of seconds with trades (Amihud 2002, "Illiquidity and stock returns").
 */
export class MicrostructureState {
  readonly #rows = new SecondRows();
  readonly #values = new Float64Array(MICROSTRUCTURE_FEATURES.length).fill(Number.NaN);
  readonly #line: Line = { slope: Number.NaN, r2: Number.NaN, pairs: 0 };
  #vpin = new Vpin();
  #large = new LargeTrades();
  /** Start of the second in progress, its end, and its slot; −∞ before the first call. */
  #second = Number.NEGATIVE_INFINITY;
  #end = Number.NEGATIVE_INFINITY;
  #slot = 0;
  /** The first second that was watched from its start. */
  #wholeSince = Number.POSITIVE_INFINITY;
  #largeKnownSince = Number.POSITIVE_INFINITY;
  #mid = Number.NaN;
  #sampled = Number.NEGATIVE_INFINITY;
  /** Since the beginning of this day, UTC. */
  #cvd = 0;
  #day = Number.NaN;
  #intensity = Number.NaN;
  /** The first row whose impact is not told. */
  #open = 0;

  /** Takes a trade at the time it was received; whether it is a large one. One that was fetched to close a gap counts for nothing. */
  onTrade(trade: Pick<Trade, 'price' | 'quantity' | 'side' | 'tsEvent' | 'tsReceived'>): boolean {
    if (isLate(trade)) return false;
    const t = trade.tsReceived;
    if (t >= this.#end) this.#roll(t);
    const { price, quantity } = trade;
    const bought = trade.side === 'buy';
    const notional = price * quantity;
    const signed = bought ? notional : -notional;
    const rows = this.#rows;
    const slot = this.#slot;
    const root = Math.sqrt(notional) / 1_000;
    (rows.trades[slot] as number)++;
    (rows.notional[slot] as number) += notional;
    (rows.signedNotional[slot] as number) += signed / MILLION;
    (rows.signedRoot[slot] as number) += bought ? root : -root;
    if (bought) (rows.buyQuantity[slot] as number) += quantity;
    else (rows.sellQuantity[slot] as number) += quantity;
    const mid = this.#mid;
    if (mid > 0 && t - this.#sampled <= SAMPLE_MS) {
      (rows.known[slot] as number) += notional;
      (rows.knownSigned[slot] as number) += signed;
      (rows.knownOverMid[slot] as number) += signed / mid;
      (rows.knownCost[slot] as number) += (signed * (price - mid)) / mid;
    }
    this.#vpin.add(quantity, bought);
    const large = this.#large.add(notional);
    if (large && bought) (rows.largeBuy[slot] as number) += notional;
    else if (large) (rows.largeSell[slot] as number) += notional;
    return large;
  }

  /** Takes a sample of the consolidated book. Without a venue it says that the book is not known. */
  onBook(t: EpochMs, sample: BookSample): void {
    if (t >= this.#end) this.#roll(t);
    this.#sampled = t;
    if (sample.venues.length === 0) {
      this.#mid = Number.NaN;
      this.#forgetBook();
      return;
    }
    this.#mid = sample.mid;
    (this.#rows.spreadBps[this.#slot] as number) += sample.spreadBps;
    (this.#rows.samples[this.#slot] as number)++;
    const values = this.#values;
    values[AT.spreadBps] = sample.spreadBps;
    values[AT.microOffsetBps] = microOffsetBps(sample);
    values[AT.touchImbalance] = touchImbalance(sample);
    values[AT.bookPressure] = bookPressure(sample);
  }

  /** Everything as of `t`, in the order of `MICROSTRUCTURE_FEATURES`: the state's own array, which changes with the next call. */
  features(t: EpochMs): Float64Array {
    if (t >= this.#end) this.#roll(t);
    if (t - this.#sampled > SAMPLE_MS) this.#forgetBook();
    return this.#values;
  }

  #forgetBook(): void {
    const values = this.#values;
    values[AT.spreadBps] = Number.NaN;
    values[AT.microOffsetBps] = Number.NaN;
    values[AT.touchImbalance] = Number.NaN;
    values[AT.bookPressure] = Number.NaN;
  }

  /** The second in progress is over: it is now within another one. */
  #roll(t: EpochMs): void {
    const second = Math.floor(t / SECOND_MS) * SECOND_MS;
    const elapsed = second - this.#second;
    if (elapsed > LONGEST_PAUSE_MS) this.#begin(second);
    else {
      if (this.#second >= this.#wholeSince) this.#close(elapsed, second);
      // Of the first second only a part was watched.
      else this.#rows.count = 0;
      this.#vpin.advance(second);
      if (this.#large.isKnown) this.#largeKnownSince = Math.min(this.#largeKnownSince, second);
      this.#tell(second);
    }
    this.#second = second;
    this.#end = second + SECOND_MS;
    this.#slot = this.#rows.begin(second);
  }

  #begin(second: EpochMs): void {
    this.#rows.count = 0;
    this.#values.fill(Number.NaN);
    this.#vpin = new Vpin();
    this.#vpin.advance(second);
    this.#large = new LargeTrades();
    this.#largeKnownSince = Number.POSITIVE_INFINITY;
    this.#wholeSince = second + SECOND_MS;
    this.#mid = Number.NaN;
    this.#day = Number.NaN;
    this.#intensity = Number.NaN;
    this.#open = 0;
  }

  /** Ends the row in progress, and tells the impact of the rows that are now old enough. */
  #close(elapsed: number, end: EpochMs): void {
    const rows = this.#rows;
    const slot = this.#slot;
    const mid = end - this.#sampled <= SAMPLE_MS ? this.#mid : Number.NaN;
    rows.spanMs[slot] = elapsed;
    rows.mid[slot] = mid;
    if (elapsed === SECOND_MS && rows.count > 1) {
      const before = rows.mid[rows.slot(rows.count - 2)] as number;
      rows.returnBps[slot] = 10_000 * Math.log(mid / before);
    }
    for (; this.#open < rows.count; this.#open++) {
      const told = rows.slot(this.#open);
      const age = end - (rows.start[told] as number) - (rows.spanMs[told] as number);
      if (age < REALISED_MS) break;
      // After a pause there was no mid at that time.
      if (age < REALISED_MS + SECOND_MS)
        rows.knownImpact[told] = mid * (rows.knownOverMid[told] as number) - (rows.knownSigned[told] as number);
    }
    const day = Math.floor((rows.start[slot] as number) / DAY_MS);
    if (day !== this.#day) this.#cvd = 0;
    this.#day = day;
    this.#cvd += (rows.buyQuantity[slot] as number) - (rows.sellQuantity[slot] as number);
    const rate = (1_000 * (rows.trades[slot] as number)) / elapsed;
    const kept = Math.exp(-elapsed / INTENSITY_MS);
    this.#intensity = this.#intensity === this.#intensity ? kept * this.#intensity + (1 - kept) * rate : rate;
  }

  #tell(now: EpochMs): void {
    const values = this.#values;
    values[AT.cvd] = now > this.#wholeSince ? this.#cvd : Number.NaN;
    values[AT.vpin] = this.#vpin.value;
    values[AT.largeThreshold] = this.#large.threshold;
    if (now - this.#wholeSince >= FLOW_MS) this.#tellFlow(now);
    this.#tellImpact(now);
  }

  #tellFlow(now: EpochMs): void {
    const rows = this.#rows;
    let spanMs = 0;
    let bought = 0;
    let sold = 0;
    let trades = 0;
    let notional = 0;
    let largeBuy = 0;
    let largeSell = 0;
    let known = 0;
    let cost = 0;
    let spread = 0;
    let samples = 0;
    for (let i = rows.firstSince(now - FLOW_MS); i < rows.count; i++) {
      const slot = rows.slot(i);
      spanMs += rows.spanMs[slot] as number;
      bought += rows.buyQuantity[slot] as number;
      sold += rows.sellQuantity[slot] as number;
      trades += rows.trades[slot] as number;
      notional += rows.notional[slot] as number;
      largeBuy += rows.largeBuy[slot] as number;
      largeSell += rows.largeSell[slot] as number;
      known += rows.known[slot] as number;
      cost += rows.knownCost[slot] as number;
      spread += rows.spreadBps[slot] as number;
      samples += rows.samples[slot] as number;
    }
    const values = this.#values;
    const seconds = spanMs / 1_000;
    const volume = bought + sold;
    const tradeRate = trades / seconds;
    const largeKnown = now - this.#largeKnownSince >= FLOW_MS;
    values[AT.buyRate] = bought / seconds;
    values[AT.sellRate] = sold / seconds;
    values[AT.signedVolume] = bought - sold;
    values[AT.flowImbalance] = volume > 0 ? (bought - sold) / volume : 0;
    values[AT.tradeRate] = tradeRate;
    values[AT.tradeIntensity] = this.#intensity;
    values[AT.tradeBurst] = trades > 0 ? this.#intensity / tradeRate : Number.NaN;
    values[AT.meanTradeNotional] = trades > 0 ? notional / trades : Number.NaN;
    values[AT.largeShare] = largeKnown ? share(largeBuy + largeSell, notional) : Number.NaN;
    values[AT.largeImbalance] = largeKnown ? share(largeBuy - largeSell, notional) : Number.NaN;
    values[AT.meanSpreadBps] = samples > 0 ? spread / samples : Number.NaN;
    values[AT.effectiveSpreadBps] = known > 0 ? (20_000 * cost) / known : Number.NaN;
    this.#tellCosts(now);
  }

  /** Realised spread and impact, over the minute of rows that are old enough: both of the same trades. */
  #tellCosts(now: EpochMs): void {
    const rows = this.#rows;
    let known = 0;
    let cost = 0;
    let impact = 0;
    for (let i = rows.firstSince(now - FLOW_MS - REALISED_MS); i < this.#open; i++) {
      const slot = rows.slot(i);
      const told = rows.knownImpact[slot] as number;
      if (told !== told) continue;
      known += rows.known[slot] as number;
      cost += rows.knownCost[slot] as number;
      impact += told;
    }
    this.#values[AT.realisedSpreadBps] = known > 0 ? (20_000 * (cost - impact)) / known : Number.NaN;
    this.#values[AT.impactBps] = known > 0 ? (20_000 * impact) / known : Number.NaN;
  }

  #tellImpact(now: EpochMs): void {
    const rows = this.#rows;
    const values = this.#values;
    const line = this.#line;
    const from = rows.firstSince(now - IMPACT_MS);
    fitLine(rows.returnBps, rows.signedNotional, from, rows.count, line);
    const known = line.pairs >= LEAST_PAIRS;
    values[AT.kyleLambda] = known ? line.slope : Number.NaN;
    values[AT.kyleR2] = known ? line.r2 : Number.NaN;
    fitLine(rows.returnBps, rows.signedRoot, from, rows.count, line);
    values[AT.hasbrouckLambda] = known ? line.slope : Number.NaN;
    let sum = 0;
    let traded = 0;
    for (let i = from; i < rows.count; i++) {
      const slot = rows.slot(i);
      const change = rows.returnBps[slot] as number;
      const notional = rows.notional[slot] as number;
      if (change !== change || !(notional > 0)) continue;
      sum += Math.abs(change) / (notional / MILLION);
      traded++;
    }
    values[AT.amihud] = traded >= LEAST_TRADED ? sum / traded : Number.NaN;
  }
}

function share(part: number, whole: number): number {
  return whole > 0 ? Math.max(-1, Math.min(1, part / whole)) : 0;
}
