import { app } from 'electron';
import type { Desk } from '../host/desk.ts';
import { electronMemory } from './process-memory.ts';
import { navigationStartedAt } from './window.ts';

const SMOKE_WITHIN_MS = 60_000;

/** `--smoke`: waits for the first painted candles, prints one JSON line, and quits; any failure says why and exits with 1. */
export function armSmoke(desk: () => Desk): {
  painted(paint: { firstCandleMs: number; interactiveMs: number }): void;
  failed(why: string): void;
  exitCode(): number;
} {
  let code = 1;
  let done = false;
  // The start of this process's runtime. Electron's own creation time is off by up to a second on Linux.
  const createdAt = performance.timeOrigin;
  const finish = (exitCode: number, lastLine: string): void => {
    if (done) return;
    done = true;
    clearTimeout(deadline);
    code = exitCode;
    (exitCode === 0 ? process.stdout : process.stderr).write(`${lastLine}\n`, () => app.quit());
  };
  const deadline = setTimeout(() => {
    finish(1, `smoke: no candles were painted within ${SMOKE_WITHIN_MS / 1000} s; ${desk().describe()}`);
  }, SMOKE_WITHIN_MS);
  app.on('render-process-gone', (_event, _contents, details) => finish(1, `smoke: the page process ended: ${details.reason}`));
  return {
    painted(paint) {
      const beforeNavigation = navigationStartedAt - createdAt;
      void electronMemory().then((rssMb) => {
        const line = {
          firstCandleMs: Math.round(beforeNavigation + paint.firstCandleMs),
          interactiveMs: Math.round(beforeNavigation + paint.interactiveMs),
          mode: desk().mode(),
          rssMb,
        };
        finish(0, JSON.stringify(line));
      });
    },
    failed: (why) => finish(1, `smoke: ${why}`),
    exitCode: () => code,
  };
}
