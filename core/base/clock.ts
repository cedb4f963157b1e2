/** Integer milliseconds since the Unix epoch, UTC. */
export type EpochMs = number;

export type Cancel = () => void;

/**
 * The only source of time for everything outside a host.
 * Live, it follows the machine; in SIM it follows the practice market (which may run faster than the wall); in tests it is stepped by hand.
 */
export interface Clock {
  now(): EpochMs;
  /** Runs `task` once, `delayMs` of this clock's time later. */
  after(delayMs: number, task: () => void): Cancel;
  /** Runs `task` every `periodMs` of this clock's time. Runs that could not be kept up with are skipped, never queued. */
  every(periodMs: number, task: () => void): Cancel;
}
