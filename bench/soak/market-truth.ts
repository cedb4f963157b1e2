import { LAB_INSTRUMENTS } from '../../lab/instruments.ts';
import { LISTINGS, type LabVenue } from '../../lab/listings.ts';
import { stepsOf } from '../../lab/protocol/steps.ts';
import { listedRecording } from '../../lab/recording/listed-recording.ts';
import { MINUTE_MS } from '../../lab/recording/recorded-minute.ts';
import { readRecordings } from '../../lab/recording/read-parquet.ts';
import type { Recording } from '../../lab/recording/recording.ts';
import { minuteTrades } from '../../lab/simulation/minute-trades.ts';
import type { ComparedTrade } from './trade-check.ts';

export interface TrueTrade extends ComparedTrade {
  /** The market's own; venues with contiguous ids say this one. */
  readonly id: number;
}

/** Every trade that the practice market has, worked out again from its seed: it depends on nothing that happened to the desk. */
export class MarketTruth {
  readonly #recordings: readonly Recording[];
  readonly #seed: number;
  readonly #played = new Map<string, Recording>();

  /** @param recordings of the symbols that the practice market is made of */
  constructor(recordings: readonly Recording[], seed: number) {
    this.#recordings = recordings;
    this.#seed = seed;
  }

  /** @throws when the recorded prices cannot be read */
  static async open(folders: readonly string[], seed: number): Promise<MarketTruth> {
    const recordings = await readRecordings(LAB_INSTRUMENTS, folders);
    if (!recordings.ok) throw new Error(recordings.error.message);
    return new MarketTruth(recordings.value, seed);
  }

  /** Trades in [from, to] in order of time. `symbol` is the desk's: `ETH/USDT`, `ETH/USD:ETH`. */
  *trades(venue: LabVenue, symbol: string, from: number, to: number): Generator<TrueTrade> {
    const recording = this.#recording(venue, symbol);
    const { instrument } = recording;
    const { tick, lot } = stepsOf(instrument);
    for (let index = recording.lowerBound(from - MINUTE_MS + 1); index < recording.length; index++) {
      const minute = recording.minute(index);
      if (minute.openTime > to) return;
      const trades = minuteTrades(this.#seed, recording, minute);
      const firstId = recording.firstTradeId(index);
      for (let i = 0; i < trades.count; i++) {
        const time = minute.openTime + (trades.offsetMs[i] as number);
        if (time < from || time > to) continue;
        const price = tick.number(trades.price[i] as number);
        const size = lot.number(trades.lots[i] as number);
        yield { id: firstId + i, time, price, quantity: instrument.inverse === true ? size / price : size };
      }
    }
  }

  #recording(venue: LabVenue, symbol: string): Recording {
    const key = `${venue}:${symbol}`;
    let recording = this.#played.get(key);
    if (recording === undefined) {
      recording = this.#listed(venue, symbol);
      this.#played.set(key, recording);
    }
    return recording;
  }

  #listed(venue: LabVenue, symbol: string): Recording {
    const kind = symbol.includes(':') ? (symbol.endsWith(':USDT') ? 'linear' : 'inverse') : 'spot';
    const base = symbol.split('/')[0];
    const recorded = (of: string): Recording => {
      const found = this.#recordings.find(({ instrument }) => instrument.symbol === of);
      if (found === undefined) throw new Error(`the practice market has no prices of ${of}`);
      return found;
    };
    if (venue === 'binance') return recorded(symbol.replace('/', ''));
    const listing = LISTINGS.find((each) => each.venue === venue && each.kind === kind && each.instrument.base === base);
    if (listing === undefined) throw new Error(`the practice market does not list ${symbol} on ${venue}`);
    return listedRecording(recorded(listing.follows), listing, this.#seed);
  }
}
