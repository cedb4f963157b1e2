import { type Timeframe, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import { followOrderFlow, type TapeListener } from '../../charts/order-flow-tape.ts';
import { StoredStretches } from '../../charts/stored-stretches.ts';
import type { DeskClient } from '../../ipc/desk-client.ts';

export interface OfiBar {
  /** Base units over the known seconds. */
  readonly ofi: number;
  /** How many seconds of the bar are known. */
  readonly seconds: number;
}

const STRETCH_BARS = 1_000;
const MOST_STRETCHES = 60;
/** A second is told again for as long as the tape is kept; later none can change. */
const SETTLED_MS = 180_000;
/** With more bars than these it begins anew: by then the store has them. */
const MOST_LIVE = 50_000;

/** Order flow imbalance by bar: stored seconds, and those that end while it is open. */
export class OfiBars {
  readonly #lengthMs: number;
  readonly #stored: StoredStretches<ReadonlyMap<number, OfiBar>>;
  readonly #live = new Map<number, OfiBar>();
  /** What was counted of the newest seconds. */
  readonly #counted = new Map<number, number>();
  readonly #follow: () => () => void;
  #end: () => void;
  #since = 0;

  constructor(client: DeskClient, symbol: string, timeframe: Timeframe, onChange: () => void) {
    const length = TIMEFRAME_MS[timeframe];
    this.#lengthMs = length;
    this.#stored = new StoredStretches({
      lengthMs: STRETCH_BARS * length,
      most: MOST_STRETCHES,
      onChange,
      read: async (from, to) => {
        const answer = await client.command('getFlowBars', { symbol, timeframe, from, to });
        return answer.ok
          ? new Map(answer.value.bars.map(({ openTime, ofi, seconds }) => [openTime, { ofi, seconds }]))
          : undefined;
      },
    });
    const listener: TapeListener = {
      onBegin: (_tickSize, since) => {
        this.#stored.clear();
        this.#live.clear();
        this.#counted.clear();
        this.#since = since;
        onChange();
      },
      onSecond: ({ time, ofi }) => {
        if (ofi === undefined || this.#counted.get(time) === ofi) return;
        this.#count(time, ofi);
        if (this.#live.size > MOST_LIVE) {
          this.#end();
          this.#end = this.#follow();
        }
        onChange();
      },
      // Order flow is of what was watched: trades that are stored later change none of it.
      onOlder: () => {},
    };
    this.#follow = () => followOrderFlow(client, symbol, listener);
    this.#end = this.#follow();
  }

  /** Reads what is stored of [from, to). */
  cover(from: number, to: number): void {
    if (this.#since > 0) this.#stored.cover(from, to, this.#since);
  }

  /** Undefined where nothing is known of the bar. */
  at(openTime: number): OfiBar | undefined {
    const stored = this.#stored.at(openTime)?.get(openTime);
    const live = this.#live.get(openTime);
    if (stored === undefined || live === undefined) return stored ?? live;
    return { ofi: stored.ofi + live.ofi, seconds: stored.seconds + live.seconds };
  }

  close(): void {
    this.#end();
    this.#stored.clear();
  }

  #count(time: number, ofi: number): void {
    const bar = Math.floor(time / this.#lengthMs) * this.#lengthMs;
    const known = this.#live.get(bar) ?? { ofi: 0, seconds: 0 };
    const before = this.#counted.get(time);
    this.#live.set(bar, { ofi: known.ofi + ofi - (before ?? 0), seconds: known.seconds + (before === undefined ? 1 : 0) });
    this.#counted.set(time, ofi);
    for (const second of this.#counted.keys()) {
      if (second >= time - SETTLED_MS) break;
      this.#counted.delete(second);
    }
  }
}
