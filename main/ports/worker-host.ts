import type { WorkerHealth, WorkerName } from '../../core/contracts/system.ts';

/** One child process behind a message channel, whatever kind of process the host makes. */
export interface WorkerProcess {
  readonly pid: number | undefined;
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** `reason` reads like `exit code 1` or `signal SIGSEGV`, with the tail of what it printed on standard error. */
  onExit(listener: (reason: string) => void): void;
  kill(): void;
}

/** Starts child processes: Electron's utilityProcess, or child_process.fork in the headless host. */
export interface WorkerLauncher {
  launch(name: WorkerName, args: readonly string[]): WorkerProcess;
}

/** A worker that is restarted with back-off when it dies. */
export interface SupervisedWorker {
  readonly name: WorkerName;
  health(): WorkerHealth;
  /** False when there is no process to take it. */
  post(message: unknown): boolean;
  onMessage(listener: (message: unknown) => void): () => void;
  /** `up` after each (re)start has said ready, `down` after each death. */
  onChange(listener: (change: 'up' | 'down') => void): () => void;
  restart(): void;
  stop(): Promise<void>;
}
