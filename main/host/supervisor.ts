import type { Cancel, Clock } from '../../core/base/clock.ts';
import { Emitter } from '../../core/base/emitter.ts';
import { reasonOf } from '../../core/base/result.ts';
import type { WorkerHealth, WorkerName } from '../../core/contracts/system.ts';
import type { SupervisedWorker, WorkerLauncher, WorkerProcess } from '../ports/worker-host.ts';
import type { Log } from '../ports/log.ts';

const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 30_000;
/** A worker that lived this long is healthy again: its back-off starts over. */
const HEALTHY_AFTER_MS = 60_000;
/** Deaths in a row, each within HEALTHY_AFTER_MS, after which only the user restarts it. */
const MOST_QUICK_DEATHS = 8;
const READY_WITHIN_MS = 30_000;

interface SupervisorOptions {
  readonly name: WorkerName;
  readonly launcher: WorkerLauncher;
  /** Asked at every start, since they may change (the practice market resumes at the present market time). */
  readonly args: () => readonly string[];
  /** Wall clock: back-off is for people and machines, not for market time. */
  readonly wall: Clock;
  /** Uniform in [0, 1): spreads restarts. */
  readonly jitter: () => number;
  readonly isReady: (message: unknown) => boolean;
  readonly log: Log;
}

/** Starts a worker, watches it, and starts it again with exponential back-off when it dies. */
export function superviseWorker(options: SupervisorOptions): SupervisedWorker {
  const { name, launcher, wall, log } = options;
  const messages = new Emitter<unknown>((thrown) =>
    log.error({ worker: name, reason: reasonOf(thrown) }, 'a message listener failed'),
  );
  const changes = new Emitter<'up' | 'down'>((thrown) =>
    log.error({ worker: name, reason: reasonOf(thrown) }, 'a change listener failed'),
  );

  let process: WorkerProcess | undefined;
  let state: WorkerHealth['state'] = 'starting';
  let restarts = 0;
  let quickDeaths = 0;
  let startedAt = 0;
  let lastError: string | undefined;
  let cancelTimer: Cancel | undefined;
  let stopped = false;
  /** Why we are killing the process that runs: that, and not the signal, is what it died of. */
  let killedFor: string | undefined;

  const start = (): void => {
    cancelTimer?.();
    startedAt = wall.now();
    killedFor = undefined;
    if (state !== 'restarting') state = 'starting';
    let child: WorkerProcess;
    try {
      child = launcher.launch(name, options.args());
    } catch (thrown) {
      died(undefined, `could not be started: ${reasonOf(thrown)}`);
      return;
    }
    process = child;
    child.onMessage((message) => {
      if (process !== child || stopped) return;
      if (state !== 'ready' && options.isReady(message)) {
        state = 'ready';
        cancelTimer?.();
        messages.emit(message);
        changes.emit('up');
        return;
      }
      messages.emit(message);
    });
    child.onExit((reason) => died(child, killedFor ?? reason));
    cancelTimer = wall.after(READY_WITHIN_MS, () => {
      killedFor = `did not become ready within ${READY_WITHIN_MS / 1000} s`;
      child.kill();
    });
  };

  const died = (child: WorkerProcess | undefined, reason: string): void => {
    if (child !== process) return;
    process = undefined;
    cancelTimer?.();
    if (stopped) return;
    const wasReady = state === 'ready';
    lastError = reason;
    quickDeaths = wall.now() - startedAt >= HEALTHY_AFTER_MS ? 1 : quickDeaths + 1;
    log.error({ worker: name, reason, quickDeaths }, 'worker died');
    if (quickDeaths >= MOST_QUICK_DEATHS) {
      state = 'failed';
    } else {
      state = 'restarting';
      restarts++;
      const backoff = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (quickDeaths - 1));
      cancelTimer = wall.after(backoff * (0.75 + 0.5 * options.jitter()), start);
    }
    if (wasReady) changes.emit('down');
  };

  start();

  return {
    name,
    health: () => ({
      name,
      state,
      restarts,
      ...(process?.pid === undefined ? {} : { pid: process.pid }),
      ...(lastError === undefined ? {} : { lastError }),
    }),
    post(message) {
      if (process === undefined) return false;
      process.post(message);
      return true;
    },
    onMessage: (listener) => messages.on(listener),
    onChange: (listener) => changes.on(listener),
    restart() {
      if (stopped) return;
      quickDeaths = 0;
      if (process === undefined) {
        state = 'starting';
        start();
      } else {
        process.kill();
      }
    },
    async stop() {
      if (stopped) return;
      stopped = true;
      cancelTimer?.();
      state = 'stopped';
      const child = process;
      if (child === undefined) return;
      await new Promise<void>((resolve) => {
        child.onExit(() => resolve());
        child.kill();
      });
    },
  };
}
