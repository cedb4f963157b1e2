import { createHistogram, monitorEventLoopDelay, performance, type EventLoopUtilization } from 'node:perf_hooks';
import { median } from '../bench-runner.ts';

/** How late the event loop of a process ran over a span, the sampling period taken off; milliseconds. */
export interface LoopFigures {
  /** Median of the p99 of each five seconds: one bad moment of the machine does not make it. */
  readonly p99OfWindows: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  /**
   * CPU time that the thread used between two ticks of 2 ms: how late the loop would run by its own work alone, had it a core for
   * itself. Waiting (for a core, a lock, the disk) is not in it. Undefined where Node does not tell (before 23.9).
   */
  readonly work: { readonly p99: number; readonly p999: number; readonly max: number } | undefined;
  /** Share of the span in which JavaScript ran. */
  readonly utilisation: number;
  readonly cpuMsPerS: number;
  readonly rssMb: number;
}

export type ToProbe = { readonly kind: 'probe'; readonly ask: 'reset' | 'read' };
export type FromProbe = { readonly kind: 'reset' } | { readonly kind: 'figures'; readonly figures: LoopFigures };

/** As the app's own watch. */
const RESOLUTION_MS = 2;
const WINDOW_MS = 5_000;

/** Answers the benchmark over this process's IPC channel. What else the process does is its own affair. */
export function startLoopProbe(): void {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  let cpu = process.cpuUsage();
  let since = performance.now();
  let utilisation: EventLoopUtilization = performance.eventLoopUtilization();
  const inWindow = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  let windows: number[] = [];
  const work = createHistogram();
  const threadCpuUs = threadCpuMeter();
  let workedUs = threadCpuUs?.() ?? 0;
  if (threadCpuUs !== undefined) {
    setInterval(() => {
      const now = threadCpuUs();
      work.record(Math.max(1, now - workedUs));
      workedUs = now;
    }, RESOLUTION_MS).unref();
  }
  histogram.enable();
  inWindow.enable();
  const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  let window = setInterval(endWindow, WINDOW_MS).unref();
  function endWindow(): void {
    windows.push(late(inWindow.percentile(99)));
    inWindow.reset();
  }
  process.on('message', (raw) => {
    const message = raw as ToProbe;
    if (message.kind !== 'probe') return;
    if (message.ask === 'reset') {
      histogram.reset();
      inWindow.reset();
      work.reset();
      windows = [];
      clearInterval(window);
      window = setInterval(endWindow, WINDOW_MS).unref();
      cpu = process.cpuUsage();
      since = performance.now();
      utilisation = performance.eventLoopUtilization();
      process.send?.({ kind: 'reset' } satisfies FromProbe);
      return;
    }
    const { user, system } = process.cpuUsage(cpu);
    const figures: LoopFigures = {
      p99OfWindows: median(windows),
      p50: late(histogram.percentile(50)),
      p99: late(histogram.percentile(99)),
      p999: late(histogram.percentile(99.9)),
      max: late(histogram.max),
      work:
        threadCpuUs === undefined
          ? undefined
          : { p99: work.percentile(99) / 1e3, p999: work.percentile(99.9) / 1e3, max: work.max / 1e3 },
      utilisation: performance.eventLoopUtilization(utilisation).utilization,
      cpuMsPerS: (user + system) / (performance.now() - since),
      rssMb: process.memoryUsage.rss() / 2 ** 20,
    };
    process.send?.({ kind: 'figures', figures } satisfies FromProbe);
  });
  // A desk that is told to stop must not be kept by this channel.
  process.channel?.unref();
}

/** This thread's CPU time so far in microseconds, user and system. */
function threadCpuMeter(): (() => number) | undefined {
  const { threadCpuUsage } = process as { threadCpuUsage?: () => NodeJS.CpuUsage };
  if (threadCpuUsage === undefined) return undefined;
  return () => {
    const { user, system } = threadCpuUsage.call(process);
    return user + system;
  };
}
