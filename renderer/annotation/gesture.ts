import type { Annotation, AnnotationPoint } from '../../core/contracts/annotations.ts';
import type { Timeframe } from '../../core/market/timeframe.ts';
import type { Handle } from './geometry.ts';

export type Direction = Annotation['direction'];
export type AnnotationTool = 'cursor' | Direction;

/**
 * A drag in progress, free of any screen: points are market points, already snapped.
 * `anchor` is the end that stays; `moving` follows the pointer.
 */
export type Gesture =
  | { readonly kind: 'draw'; readonly direction: Direction; readonly anchor: AnnotationPoint; readonly moving: AnnotationPoint }
  | { readonly kind: 'edit'; readonly original: Annotation; readonly handle: Handle; readonly moving: AnnotationPoint };

export type Preview = Pick<Annotation, 'direction' | 'entry' | 'exit'>;

/** What the region looks like while it is dragged. A trade drawn from right to left is turned round: the entry is the earlier end. */
export function previewOf(gesture: Gesture): Preview {
  if (gesture.kind === 'draw') {
    const [entry, exit] =
      gesture.moving.time < gesture.anchor.time ? [gesture.moving, gesture.anchor] : [gesture.anchor, gesture.moving];
    return { direction: gesture.direction, entry, exit };
  }
  const { original, handle, moving } = gesture;
  return { direction: original.direction, entry: original.entry, exit: original.exit, [handle]: moving };
}

/** The annotation that a finished gesture makes, or undefined when it spans no time, or a handle was dragged past the other end. */
export function finish(
  gesture: Gesture,
  context: { readonly id: string; readonly symbol: string; readonly timeframe: Timeframe; readonly now: number },
): Annotation | undefined {
  const { direction, entry, exit } = previewOf(gesture);
  if (exit.time <= entry.time) return undefined;
  if (gesture.kind === 'edit') return { ...gesture.original, entry, exit, updatedAt: context.now };
  return {
    id: context.id,
    symbol: context.symbol,
    timeframe: context.timeframe,
    direction,
    entry,
    exit,
    note: '',
    createdAt: context.now,
    updatedAt: context.now,
  };
}
