import type { DeskClient } from '../ipc/desk-client.ts';

const INTERACTIVE_EVENT = 'desk:interactive';
/** Fired by the chart when it has painted candles for the first time. */
const FIRST_CANDLES_EVENT = 'desk:first-candles';

/** Tells the host once how long the first candles and the usable window took, in milliseconds since navigation start. */
export function watchPaint(client: DeskClient): void {
  let firstCandleMs: number | undefined;
  let interactiveMs: number | undefined;
  const report = (): void => {
    if (firstCandleMs !== undefined && interactiveMs !== undefined)
      void client.command('reportPaint', { firstCandleMs, interactiveMs });
  };
  window.addEventListener(
    FIRST_CANDLES_EVENT,
    () => {
      firstCandleMs = performance.now();
      report();
    },
    { once: true },
  );
  window.addEventListener(
    INTERACTIVE_EVENT,
    () => {
      interactiveMs = performance.now();
      report();
    },
    { once: true },
  );
}

/** Called when every panel is mounted: marks the window usable once that frame is on screen. */
export function markInteractive(): void {
  requestAnimationFrame(() => setTimeout(() => window.dispatchEvent(new CustomEvent(INTERACTIVE_EVENT)), 0));
}
