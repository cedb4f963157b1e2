/** How a message stands to the ones before it on its connection. */
export type Place = 'next' | 'repeated' | 'old' | 'hole';

/** The numbers of one connection's messages, contiguous across all its channels. Pure. */
export class ConnectionSequence {
  #last = -1;
  /** Messages in a row that were behind the newest: not late ones, which TCP does not know, but a sequence that began anew. */
  oldInARow = 0;

  get last(): number {
    return this.#last;
  }

  place(number: number): Place {
    const last = this.#last;
    if (last >= 0 && number <= last) {
      this.oldInARow++;
      return number === last ? 'repeated' : 'old';
    }
    this.oldInARow = 0;
    this.#last = number;
    return last < 0 || number === last + 1 ? 'next' : 'hole';
  }
}
