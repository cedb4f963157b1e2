/**
 * A typed listener list. A listener that throws does not stop the others: its error goes to `onError`, or, when there is
 * none, the first one is thrown to the emitter after everybody was told.
 */
export class Emitter<T> {
  /** In an object of its own each, so that a function that is added twice is told twice and leaves once. */
  readonly #listeners = new Set<{ readonly tell: (event: T) => void }>();
  readonly #onError: ((thrown: unknown) => void) | undefined;

  constructor(onError?: (thrown: unknown) => void) {
    this.#onError = onError;
  }

  on(listener: (event: T) => void): () => void {
    const entry = { tell: listener };
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  emit(event: T): void {
    let failed = false;
    let first: unknown;
    for (const listener of this.#listeners) {
      try {
        listener.tell(event);
      } catch (thrown) {
        if (this.#onError !== undefined) this.#onError(thrown);
        else if (!failed) {
          failed = true;
          first = thrown;
        }
      }
    }
    if (failed) throw first;
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }
}
