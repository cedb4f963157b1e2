import type { Annotation } from '../../core/contracts/annotations.ts';
import type { ChartScale } from '../charts/chart-scale.ts';

export interface Region {
  readonly entry: { readonly x: number; readonly y: number };
  readonly exit: { readonly x: number; readonly y: number };
}

export type Handle = 'entry' | 'exit';

export type Hit = { readonly annotation: Annotation; readonly part: Handle | 'body' };

/** How near the pointer must be to a handle, in pixels. */
export const HANDLE_REACH = 9;
/** Regions thinner than this are still hit, in pixels. */
const THIN = 5;

/** Where an annotation lies on screen; undefined when its prices are off the scale. */
export function regionOf(annotation: Pick<Annotation, 'entry' | 'exit'>, scale: ChartScale): Region | undefined {
  const entryY = scale.priceY(annotation.entry.price);
  const exitY = scale.priceY(annotation.exit.price);
  if (entryY === undefined || exitY === undefined) return undefined;
  return {
    entry: { x: scale.barX(annotation.entry.time), y: entryY },
    exit: { x: scale.barX(annotation.exit.time), y: exitY },
  };
}

/** What lies under the pointer: handles before bodies, the selected annotation before others, then the one drawn last. */
export function hitTest(
  annotations: readonly Annotation[],
  selectedId: string | undefined,
  scale: ChartScale,
  x: number,
  y: number,
): Hit | undefined {
  let body: Hit | undefined;
  const ordered = annotations.toSorted(
    (a, b) => Number(a.id === selectedId) - Number(b.id === selectedId) || a.createdAt - b.createdAt,
  );
  for (let i = ordered.length - 1; i >= 0; i--) {
    const annotation = ordered[i] as Annotation;
    const region = regionOf(annotation, scale);
    if (region === undefined) continue;
    for (const part of ['exit', 'entry'] as const) {
      if (Math.hypot(x - region[part].x, y - region[part].y) <= HANDLE_REACH) return { annotation, part };
    }
    if (body === undefined && isInside(region, x, y)) body = { annotation, part: 'body' };
  }
  return body;
}

function isInside({ entry, exit }: Region, x: number, y: number): boolean {
  const left = Math.min(entry.x, exit.x) - THIN;
  const right = Math.max(entry.x, exit.x) + THIN;
  const top = Math.min(entry.y, exit.y) - THIN;
  const bottom = Math.max(entry.y, exit.y) + THIN;
  return x >= left && x <= right && y >= top && y <= bottom;
}
