import type { Cancel, Clock } from '../../core/base/clock.ts';
import { Emitter } from '../../core/base/emitter.ts';
import { fail, ok, type Result } from '../../core/base/result.ts';
import type { FromLab, LabOptions, ToLab } from '../../core/contracts/worker-protocol.ts';
import { VENUES, type VenueId } from '../../core/market/instrument.ts';
import type { SupervisedWorker, WorkerLauncher } from '../ports/worker-host.ts';
import { HostClock } from './host-clock.ts';
import type { Log } from '../ports/log.ts';
import { superviseWorker } from './supervisor.ts';

const LISTENING_WITHIN_MS = 20_000;

/** The simulated exchange in its own process, and the market time that it keeps. */
export interface PracticeMarket {
  readonly clock: HostClock;
  /** On 127.0.0.1; each venue is served below a path of its name. */
  readonly port: number;
  readonly venues: readonly VenueId[];
  readonly worker: SupervisedWorker;
  /** Told the market time at which the recording ended and the market fell silent. */
  onEnd(listener: (marketTime: number) => void): Cancel;
  setSpeed(speed: number): Result<void>;
}

interface PracticeMarketOptions {
  readonly launcher: WorkerLauncher;
  readonly wall: Clock;
  readonly jitter: () => number;
  readonly log: Log;
  readonly seed: number;
  readonly speed: number;
  readonly startAt: number;
  readonly port: number;
  readonly recordingFolders: readonly string[];
  readonly symbols: readonly string[];
}

/** Starts the practice market and answers when it listens. When it dies, it is started again at the market time reached by then. */
export async function startPracticeMarket(options: PracticeMarketOptions): Promise<Result<PracticeMarket>> {
  let clock: HostClock | undefined;
  let speed = options.speed;
  let port = options.port;
  let lastFailure: string | undefined;
  const ended = new Emitter<number>();

  const worker = superviseWorker({
    name: 'lab',
    launcher: options.launcher,
    wall: options.wall,
    jitter: options.jitter,
    log: options.log,
    isReady: (message) => (message as FromLab).kind === 'listening',
    args: () => {
      const lab: LabOptions = {
        port,
        seed: options.seed,
        speed,
        startAt: clock?.now() ?? options.startAt,
        dataFolders: options.recordingFolders,
        // The simulator speaks Binance's language, names included.
        symbols: options.symbols.map((symbol) => symbol.replace('/', '')),
      };
      return [JSON.stringify(lab)];
    },
  });

  const listening = new Promise<Extract<FromLab, { kind: 'listening' }> | undefined>((resolve) => {
    const cancel = options.wall.after(LISTENING_WITHIN_MS, () => resolve(undefined));
    worker.onMessage((raw) => {
      const message = raw as FromLab;
      if (message.kind === 'failed') {
        lastFailure = message.error.message;
        cancel();
        resolve(undefined);
      } else if (message.kind === 'listening') {
        cancel();
        // A restarted market keeps its address, so that the connector finds it again.
        port = message.port;
        if (clock === undefined) clock = new HostClock({ startAt: message.marketTime, rate: message.speed });
        else clock.anchor(message.marketTime, message.speed);
        resolve(message);
      } else if (message.kind === 'dataEnd') {
        ended.emit(message.marketTime);
      } else {
        speed = message.speed;
        clock?.anchor(message.marketTime, message.speed);
      }
    });
  });

  const first = await listening;
  if (first === undefined || clock === undefined) {
    const reason = lastFailure ?? worker.health().lastError ?? `it did not listen within ${LISTENING_WITHIN_MS / 1000} s`;
    await worker.stop();
    return fail('PRACTICE_MARKET_FAILED', `The practice market could not be started: ${reason}`, { retryable: true });
  }
  return ok({
    clock,
    port: first.port,
    venues: VENUES.filter((venue) => first.venues?.includes(venue)),
    worker,
    onEnd: (listener) => ended.on(listener),
    setSpeed(next) {
      const message: ToLab = { kind: 'setSpeed', speed: next };
      if (!worker.post(message))
        return fail('PRACTICE_MARKET_DOWN', 'The practice market is being restarted; try again in a moment.', {
          retryable: true,
        });
      return ok(undefined);
    },
  });
}
