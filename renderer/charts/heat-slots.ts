import type { CobColumn } from '../../core/market/cob-column.ts';
import type { HeatmapColumns } from './heatmap-model.ts';

const SECOND_MS = 1_000;

/**
 * The book in steps (slot n is [n·step, (n+1)·step)): of each its last known second as it was, with the flow of all of its known seconds.
 * What was recorded comes by `take`; the newest seconds are those of `columns`, and count from where the recorded ones end.
 */
export class HeatSlots {
  readonly stepMs: number;
  readonly #live: HeatmapColumns;
  readonly #recorded = new Map<number, CobColumn>();
  /** Put together of both. */
  readonly #whole = new Map<number, CobColumn | undefined>();

  constructor(stepMs: number, live: HeatmapColumns) {
    this.stepMs = stepMs;
    this.#live = live;
  }

  slotOf(time: number): number {
    return Math.floor(time / this.stepMs);
  }

  /** What was recorded of slots from … to − 1, one column each, in place of what was known of them. */
  take(from: number, to: number, columns: readonly CobColumn[]): void {
    this.drop(from, to);
    for (const column of columns) this.#recorded.set(this.slotOf(column.time), column);
  }

  drop(from: number, to: number): void {
    for (let slot = from; slot < to; slot++) {
      this.#recorded.delete(slot);
      this.#whole.delete(slot);
    }
  }

  /** A live second was told; answers its slot. */
  told(time: number): number {
    const slot = this.slotOf(time);
    this.#whole.delete(slot);
    return slot;
  }

  /** All live seconds are new. */
  anew(): void {
    this.#whole.clear();
  }

  at(slot: number): CobColumn | undefined {
    if (this.stepMs === SECOND_MS) return this.#live.at(slot * SECOND_MS) ?? this.#recorded.get(slot);
    if (!this.#whole.has(slot)) this.#whole.set(slot, this.#together(slot));
    return this.#whole.get(slot);
  }

  #together(slot: number): CobColumn | undefined {
    const recorded = this.#recorded.get(slot);
    let column = recorded;
    let flow = recorded?.flow;
    const from = Math.max(slot * this.stepMs, this.#live.oldest, recorded === undefined ? 0 : recorded.time + SECOND_MS);
    const to = Math.min((slot + 1) * this.stepMs - SECOND_MS, this.#live.newest);
    for (let time = from; time <= to; time += SECOND_MS) {
      const second = this.#live.at(time);
      if (second === undefined || second.venues.length === 0) continue;
      column = second;
      flow = sumOf(flow, second.flow);
    }
    return column === undefined || column === recorded ? column : { ...column, flow };
  }
}

function sumOf(a: CobColumn['flow'], b: CobColumn['flow']): CobColumn['flow'] {
  if (a === undefined || b === undefined) return a ?? b;
  return {
    buyVolume: a.buyVolume + b.buyVolume,
    sellVolume: a.sellVolume + b.sellVolume,
    buyNotional: a.buyNotional + b.buyNotional,
    sellNotional: a.sellNotional + b.sellNotional,
  };
}
