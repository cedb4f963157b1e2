import type { Cancel, Clock } from '../../../core/base/clock.ts';
import { Emitter } from '../../../core/base/emitter.ts';
import type { RecordedMarket, ReplayControl, ReplayedHistory, ReplayStatus, ReplayStep } from '../../../core/contracts/replay.ts';
import type { ReplayClock } from '../../../core/recording/replay-clock.ts';
import type { ReplayEngine, TimeSpan } from '../../../core/recording/replay-engine.ts';
import { ReplayPace } from '../../../core/recording/replay-pace.ts';
import { PromiseWatch } from './promise-watch.ts';
import type { ReplayGate } from './replay-gate.ts';

/** Wall time between two turns, and the most that one may take: windows and workers are heard in between. */
const TURN_WALL_MS = 8;
const TURN_BUDGET_MS = 5;
/** Looking at the machine's clock costs more than a step. */
const STEPS_PER_LOOK = 16;
const REPORT_WALL_MS = 100;
const STEP_MS: Readonly<Record<Exclude<ReplayStep, 'event'>, number>> = { '1s': 1_000, '1m': 60_000 };

export interface ReplayDriverOptions {
  readonly market: RecordedMarket;
  readonly history?: ReplayedHistory | undefined;
  readonly from: number;
  readonly to: number;
  readonly gaps: readonly TimeSpan[];
  readonly speed: number;
  readonly clock: ReplayClock;
  readonly engine: ReplayEngine;
  readonly gate: ReplayGate;
  readonly wall: Clock;
  /** Monotonic wall milliseconds. */
  readonly monotonicMs: () => number;
}

/** Drives a replay by the wall: as far as its pace says, in turns short enough that nothing else waits long. */
export class ReplayDriver {
  readonly events = new Emitter<ReplayStatus>();
  readonly #options: ReplayDriverOptions;
  readonly #pace: ReplayPace;
  readonly #cancels: Cancel[] = [];
  #state: ReplayStatus['state'] = 'preparing';
  /** Of a step that is under way. */
  #stepUntil: number | undefined;
  #stepEvents: number | undefined;
  #closed = false;
  #turnPending: Cancel | undefined;
  readonly #watch = new PromiseWatch();
  #measured = { wall: 0, market: 0 };
  #reached = 0;

  constructor(options: ReplayDriverOptions) {
    this.#options = options;
    this.#pace = new ReplayPace(options.speed);
    options.gate.onIdle(() => this.#turn());
    this.#cancels.push(
      options.wall.every(TURN_WALL_MS, () => this.#turn()),
      options.wall.every(REPORT_WALL_MS, () => this.#report()),
    );
  }

  /** Market seconds per wall second asked for. */
  get speed(): number {
    return this.#pace.rate;
  }

  status(): ReplayStatus {
    const { market, history, clock, from, to, gaps, engine } = this.#options;
    const problem = engine.failure?.message;
    return {
      state: this.#state,
      market,
      ...(history === undefined ? {} : { history }),
      t: clock.now(),
      from,
      to,
      speed: this.#pace.rate,
      reached: this.#state === 'playing' ? this.#reached : 0,
      eventsDelivered: engine.delivered,
      gaps,
      ...(problem === undefined ? {} : { problem }),
    };
  }

  /** Once every service is there: books are brought to where the replay begins and shown, then it plays or waits. */
  async begin(play: boolean, show: () => void): Promise<void> {
    await this.#options.engine.begin();
    if (this.#closed) return;
    show();
    this.#set('paused');
    if (play) this.control({ action: 'play' });
  }

  control(control: Exclude<ReplayControl, { action: 'seek' }>): void {
    const { clock, engine, monotonicMs } = this.#options;
    if (control.action === 'speed') this.#pace.setRate(control.speed, monotonicMs(), clock.now());
    else if (this.#state === 'playing' || this.#state === 'paused') {
      this.#stepUntil = this.#stepEvents = undefined;
      if (control.action === 'play') {
        this.#pace.play(monotonicMs(), clock.now());
        this.#set('playing');
        return;
      }
      this.#pace.pause();
      if (control.action === 'step') {
        if (control.by === 'event') this.#stepEvents = engine.delivered + 1;
        else this.#stepUntil = clock.now() + STEP_MS[control.by];
      }
      this.#set('paused');
      this.#turn();
      return;
    }
    this.#report();
  }

  close(): void {
    this.#closed = true;
    this.#turnPending?.();
    for (const cancel of this.#cancels) cancel();
  }

  #turn(): void {
    const { clock, engine, to, monotonicMs } = this.#options;
    if (this.#closed || this.#turnPending !== undefined) return;
    if (this.#state !== 'playing' && this.#stepUntil === undefined && this.#stepEvents === undefined) return;
    const startedAt = monotonicMs();
    const stepEvents = this.#stepEvents;
    const until = stepEvents !== undefined ? to : (this.#stepUntil ?? this.#pace.target(startedAt, clock.now()));
    let steps = 0;
    let awaited = clock.awaited;
    let goesOn = false;
    const came = this.#watch.during(() =>
      engine.advance(until, () => {
        if (this.#watch.take() || clock.awaited !== awaited) goesOn = true;
        else if (stepEvents !== undefined && engine.delivered >= stepEvents) return true;
        else if (++steps % STEPS_PER_LOOK === 0 && monotonicMs() - startedAt > TURN_BUDGET_MS) goesOn = true;
        awaited = clock.awaited;
        return goesOn;
      }),
    );
    if (came === 'ended') this.#end('ended');
    else if (came === 'failed') this.#end('failed');
    else if (came === 'starved') void engine.filled().then(() => this.#turn());
    else if (came === 'stopped' && goesOn) this.#turnSoon();
    else if (came === 'reached' || came === 'stopped') {
      const stepped = this.#stepUntil !== undefined || stepEvents !== undefined;
      this.#stepUntil = this.#stepEvents = undefined;
      if (stepped) this.#report();
    }
  }

  /** The next turn comes as soon as everybody else had theirs: what the last step set off, the windows, the workers. */
  #turnSoon(): void {
    const immediate = setImmediate(() => {
      this.#turnPending = undefined;
      this.#turn();
    });
    this.#turnPending = () => clearImmediate(immediate);
  }

  #end(state: 'ended' | 'failed'): void {
    this.#pace.pause();
    this.#stepUntil = this.#stepEvents = undefined;
    this.#set(state);
  }

  #set(state: ReplayStatus['state']): void {
    if (state === 'playing') this.#measured = { wall: this.#options.monotonicMs(), market: this.#options.clock.now() };
    this.#state = state;
    this.#report();
  }

  #report(): void {
    const wall = this.#options.monotonicMs();
    const market = this.#options.clock.now();
    const elapsed = wall - this.#measured.wall;
    if (elapsed >= 500) {
      this.#reached = (market - this.#measured.market) / elapsed;
      this.#measured = { wall, market };
    }
    this.events.emit(this.status());
  }
}
