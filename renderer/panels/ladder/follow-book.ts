import type { CobView } from '../../../core/contracts/market-views.ts';
import { hasBook, useCob } from '../../stores/cob.ts';
import { LadderPainter } from './ladder-painter.ts';

/** Twice as often as the book changes at normal speed; without a GPU every repaint of 82 bars counts. */
const PAINT_PERIOD_MS = 50;

/** Keeps the rows in `element` at the newest book until the returned function is called. `sums`: with numbers added up from the mid on. */
export function followBook(element: HTMLElement, sums: boolean): () => void {
  const painter = new LadderPainter(element);
  let newest: CobView | undefined;
  let paintedAt = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let frame = 0;

  function paint(): void {
    frame = 0;
    // A panel behind another tab is not in the document.
    if (newest === undefined || !element.isConnected) return;
    paintedAt = performance.now();
    if (painter.paint(newest, paintedAt, sums) > 0) schedule();
  }

  function schedule(): void {
    if (timer !== undefined || frame !== 0) return;
    timer = setTimeout(
      () => {
        timer = undefined;
        frame = requestAnimationFrame(paint);
      },
      Math.max(0, paintedAt + PAINT_PERIOD_MS - performance.now()),
    );
  }

  function take(view: CobView | undefined): void {
    if (!hasBook(view) || view === newest) return;
    newest = view;
    schedule();
  }

  take(useCob.getState().view);
  painter.anchorRow?.scrollIntoView({ block: 'center' });
  const end = useCob.subscribe((state) => take(state.view));
  return () => {
    end();
    clearTimeout(timer);
    cancelAnimationFrame(frame);
  };
}
