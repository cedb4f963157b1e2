/** A typed listener list. A listener that throws does not stop the others; its error goes to `onError`. */
export class Emitter<T> {
  readonly #listeners = new Set<(event: T) => void>();
  readonly #onError: (thrown: unknown) => void;

  constructor(onError: (thrown: unknown) => void = rethrow) {
    this.#onError = onError;
  }

  on(listener: (event: T) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(event: T): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (thrown) {
        this.#onError(thrown);
      }
    }
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }
}

function rethrow(thrown: unknown): never {
  throw thrown;
}
