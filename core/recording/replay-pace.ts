import type { EpochMs } from '../base/clock.ts';

/** Market seconds per wall second. */
export const SLOWEST_REPLAY = 0.1;
export const FASTEST_REPLAY = 1_000;

/** What a replay is behind its pace by, in wall time, it catches up; what goes beyond this is let go. */
const MOST_LAG_WALL_MS = 100;

/** How far a replay should have come by now. Pure: told the wall time on every call. */
export class ReplayPace {
  #rate: number;
  #playing = false;
  #anchorWall = 0;
  #anchorMarket = 0;

  constructor(rate: number) {
    this.#rate = checkedRate(rate);
  }

  get rate(): number {
    return this.#rate;
  }

  get playing(): boolean {
    return this.#playing;
  }

  play(wallMs: number, market: EpochMs): void {
    this.#playing = true;
    this.#anchor(wallMs, market);
  }

  pause(): void {
    this.#playing = false;
  }

  setRate(rate: number, wallMs: number, market: EpochMs): void {
    this.#rate = checkedRate(rate);
    this.#anchor(wallMs, market);
  }

  /** Market time to play up to; `market` is how far it has come. While paused, no further than that. */
  target(wallMs: number, market: EpochMs): EpochMs {
    if (!this.#playing) return market;
    const due = this.#anchorMarket + (wallMs - this.#anchorWall) * this.#rate;
    const furthest = market + MOST_LAG_WALL_MS * this.#rate;
    if (due > furthest) {
      this.#anchor(wallMs, furthest);
      return Math.floor(furthest);
    }
    return Math.floor(Math.max(market, due));
  }

  #anchor(wallMs: number, market: EpochMs): void {
    this.#anchorWall = wallMs;
    this.#anchorMarket = market;
  }
}

function checkedRate(rate: number): number {
  if (!(rate >= SLOWEST_REPLAY && rate <= FASTEST_REPLAY))
    throw new RangeError(`a replay's speed is ${SLOWEST_REPLAY} to ${FASTEST_REPLAY}, got ${rate}`);
  return rate;
}
