import { HEATMAP_COLUMNS_MAX } from '../../core/contracts/heatmap.ts';
import { fromWire } from '../../core/market/heatmap-wire.ts';
import type { DeskClient } from '../ipc/desk-client.ts';
import { followHeatmap, type HeatmapChange } from '../stores/heatmap.ts';
import { HeatSlots } from './heat-slots.ts';
import type { HeatmapColumns } from './heatmap-model.ts';

/** Slots that are read at once. */
const CHUNK = HEATMAP_COLUMNS_MAX / 2;
/** The newest seconds reach the store with its next batch. */
const STORED_AFTER_MS = 10_000;
/** A chunk is not read again sooner: of a market that was just opened, the first live seconds may be later than what is stored. */
const AGAIN_AFTER_MS = 60_000;
/** Read chunks that are kept beside those in view. */
const MOST_CHUNKS = 12;

/** From where slots changed, and up to where (exclusive). */
export type HeatSpan = readonly [from: number, to: number];

/**
 * The merged book of one symbol in the steps of a chart: what was recorded is read as it comes into view, the newest first, and live
 * seconds go on from there.
 */
export class HeatFeed {
  readonly #client: DeskClient;
  readonly #symbol: string;
  readonly #onChange: (changed: HeatSpan | 'all') => void;
  readonly #live: ReturnType<typeof followHeatmap>;
  /** The newest second when each chunk was read; what came later is live. */
  readonly #readAt = new Map<number, number>();
  #slots: HeatSlots;
  #bucketWidth = 0;
  #view: HeatSpan = [0, 0];
  #lookedAt = 0;
  #reading = false;
  #closed = false;

  constructor(client: DeskClient, symbol: string, onChange: (changed: HeatSpan | 'all') => void) {
    this.#client = client;
    this.#symbol = symbol;
    this.#onChange = onChange;
    this.#live = followHeatmap(client, symbol, (change) => this.#told(change));
    this.#slots = new HeatSlots(1_000, this.#live.columns);
    this.#bucketWidth = this.#live.columns.bucketWidth;
  }

  get slots(): HeatSlots {
    return this.#slots;
  }

  get live(): HeatmapColumns {
    return this.#live.columns;
  }

  /** Quote units; 0 while nothing is known. */
  get bucketWidth(): number {
    return this.#bucketWidth;
  }

  /** These times are in view, in steps of `stepMs`. */
  cover(from: number, to: number, stepMs: number): void {
    if (stepMs !== this.#slots.stepMs) {
      this.#slots = new HeatSlots(stepMs, this.#live.columns);
      this.#readAt.clear();
    }
    this.#view = [this.#slots.slotOf(from), this.#slots.slotOf(to) + 1];
    void this.#read();
  }

  close(): void {
    this.#closed = true;
    this.#live.end();
  }

  #told(change: HeatmapChange): void {
    const { bucketWidth, newest } = this.#live.columns;
    if (bucketWidth !== this.#bucketWidth) {
      this.#bucketWidth = bucketWidth;
      this.#slots = new HeatSlots(this.#slots.stepMs, this.#live.columns);
      this.#readAt.clear();
    }
    if (change === 'all') {
      this.#slots.anew();
      this.#onChange('all');
      void this.#read();
      return;
    }
    const slot = this.#slots.told(change);
    this.#onChange([slot, slot + 1]);
    // Once a second is enough to look whether live seconds were let go of, and to try again what failed.
    if (newest !== this.#lookedAt) void this.#read();
    this.#lookedAt = newest;
  }

  async #read(): Promise<void> {
    if (this.#reading || this.#closed) return;
    this.#reading = true;
    for (let chunk = this.#wanted(); chunk !== undefined && !this.#closed; chunk = this.#wanted()) {
      if (!(await this.#readChunk(chunk))) break;
    }
    this.#reading = false;
  }

  /** The newest chunk in view of which live seconds do not tell all that was not read. */
  #wanted(): number | undefined {
    const { newest, oldest } = this.#live.columns;
    // Until the first live second there is no telling what is past.
    if (newest === 0) return undefined;
    const last = Math.min(this.#view[1] - 1, this.#slots.slotOf(newest));
    for (let chunk = Math.floor(last / CHUNK); (chunk + 1) * CHUNK > this.#view[0]; chunk--) {
      const readAt = this.#readAt.get(chunk);
      if (readAt === undefined) return chunk;
      const readTo = readAt - STORED_AFTER_MS;
      const isOpen = readTo < (chunk + 1) * CHUNK * this.#slots.stepMs;
      if (isOpen && readTo < oldest && newest >= readAt + AGAIN_AFTER_MS) return chunk;
    }
    return undefined;
  }

  async #readChunk(chunk: number): Promise<boolean> {
    const slots = this.#slots;
    const { newest } = this.#live.columns;
    const [first, last] = [chunk * CHUNK, (chunk + 1) * CHUNK];
    const answer = await this.#client.command('getHeatmap', {
      symbol: this.#symbol,
      from: first * slots.stepMs,
      to: last * slots.stepMs,
      stepSec: slots.stepMs / 1_000,
    });
    if (this.#closed) return false;
    // Another step or width meanwhile: what is in view now is asked for anew.
    if (slots !== this.#slots) return true;
    if (!answer.ok || answer.value.bucketWidth !== this.#bucketWidth) return false;
    slots.take(first, last, answer.value.columns.map(fromWire));
    this.#readAt.set(chunk, newest);
    this.#forget();
    this.#onChange([first, last]);
    return true;
  }

  #forget(): void {
    for (const chunk of this.#readAt.keys()) {
      if (this.#readAt.size <= MOST_CHUNKS) return;
      if ((chunk + 1) * CHUNK > this.#view[0] && chunk * CHUNK < this.#view[1]) continue;
      this.#readAt.delete(chunk);
      this.#slots.drop(chunk * CHUNK, (chunk + 1) * CHUNK);
    }
  }
}
