import type { Clock } from '../core/base/clock.ts';

/** A tick that comes this late on the wall (a suspended machine) is not caught up with: market time goes on from where it was. */
const LATE_WALL_MS = 2_000;

/** Market time: runs `speed` times as fast as the wall clock it is given, from `startAt` to `endAt`, where it stops. */
export class MarketClock {
  readonly #wall: Pick<Clock, 'now'>;
  readonly #endAt: number;
  #speed: number;
  #marketAnchor: number;
  #wallAnchor: number;
  #lastReadWall: number;

  constructor(wall: Pick<Clock, 'now'>, startAt: number, endAt: number, speed: number) {
    this.#wall = wall;
    this.#endAt = endAt;
    this.#speed = speed;
    this.#marketAnchor = startAt;
    this.#wallAnchor = wall.now();
    this.#lastReadWall = this.#wallAnchor;
  }

  get speed(): number {
    return this.#speed;
  }

  /** Whole milliseconds of market time, and whether the wall jumped, so that whoever extrapolates must be told anew. */
  read(): { readonly now: number; readonly jumped: boolean } {
    const wall = this.#wall.now();
    const late = wall - this.#lastReadWall;
    const jumped = late > LATE_WALL_MS;
    if (jumped) this.#wallAnchor += late;
    this.#lastReadWall = wall;
    const elapsed = (wall - this.#wallAnchor) * this.#speed;
    return { now: Math.min(this.#endAt, Math.floor(this.#marketAnchor + elapsed)), jumped };
  }

  setSpeed(speed: number): void {
    this.#marketAnchor = this.read().now;
    this.#wallAnchor = this.#wall.now();
    this.#speed = speed;
  }

  /** Wall milliseconds until market time `time`. */
  wallUntil(time: number): number {
    return this.#wallAnchor + (time - this.#marketAnchor) / this.#speed - this.#wall.now();
  }
}
