/** What the host has asked of the job in progress; the loop looks at it between Runs. */
export class TrainingControl {
  #paused = false;
  #stop: { readonly keep: boolean } | undefined;
  #wake: (() => void) | undefined;

  get paused(): boolean {
    return this.#paused;
  }

  /** Set once the job is to end. */
  get stop(): { readonly keep: boolean } | undefined {
    return this.#stop;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#wake?.();
  }

  requestStop(keep: boolean): void {
    this.#stop = { keep };
    this.#paused = false;
    this.#wake?.();
  }

  /** Resolves when the job is no longer paused, be it to go on or to end. */
  async whilePaused(): Promise<void> {
    while (this.#paused) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
