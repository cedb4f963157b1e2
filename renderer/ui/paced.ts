/**
 * `run`, in an animation frame, at most once every `periodMs`, however often the returned `ask` is called:
 * for what is drawn from data that comes faster than it can be read. The first call after a rest runs with the next frame.
 */
export function paced(
  periodMs: number | (() => number),
  run: () => void,
): { readonly ask: () => void; readonly end: () => void } {
  let ranAt = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let frame = 0;
  const inFrame = (): void => {
    frame = 0;
    ranAt = performance.now();
    run();
  };
  return {
    ask() {
      if (timer !== undefined || frame !== 0) return;
      const waitMs = ranAt + (typeof periodMs === 'number' ? periodMs : periodMs()) - performance.now();
      if (waitMs <= 0) frame = requestAnimationFrame(inFrame);
      else {
        timer = setTimeout(() => {
          timer = undefined;
          frame = requestAnimationFrame(inFrame);
        }, waitMs);
      }
    },
    end() {
      clearTimeout(timer);
      cancelAnimationFrame(frame);
    },
  };
}
