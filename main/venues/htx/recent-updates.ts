import { type DepthDelta, emptyDelta } from '../session/depth-delta.ts';

/** Three seconds of updates: longer than the answer to a request takes. */
const KEPT = 32;

/**
 * The newest updates of one book, in memory that is used again and again: an answer to a request for the whole book may be
 * older than updates that came before it.
 */
export class RecentUpdates {
  readonly #slots: readonly DepthDelta[] = Array.from({ length: KEPT }, () => emptyDelta(64));
  #at = 0;
  #newestId = -1;

  /** Where the next update is to be read into. It counts once `keep` was called. */
  get slot(): DepthDelta {
    const slot = this.#slots[this.#at] as DepthDelta;
    // What was there is no whole update while it is overwritten.
    slot.finalId = -1;
    return slot;
  }

  /** Ids that went back began anew: what is remembered from before follows nothing any more. */
  keep(): void {
    const { finalId } = this.#slots[this.#at] as DepthDelta;
    if (finalId < this.#newestId) {
      for (const [i, delta] of this.#slots.entries()) if (i !== this.#at) delta.finalId = -1;
    }
    this.#newestId = finalId;
    this.#at = (this.#at + 1) % KEPT;
  }

  /** Those that end after `id`, as they came. */
  forEachAfter(id: number, visit: (delta: DepthDelta) => void): void {
    for (let i = 0; i < KEPT; i++) {
      const delta = this.#slots[(this.#at + i) % KEPT] as DepthDelta;
      if (delta.finalId > id) visit(delta);
    }
  }
}
