import { formatCompact, formatSigned } from '../../ui/format.ts';

/** The theme's tokens as the canvas needs them. */
export interface FlowColours {
  /** What stands for the unknown. */
  readonly hatch: CanvasPattern | null;
  readonly text: string;
  readonly dim: string;
  readonly border: string;
  readonly up: string;
  readonly down: string;
  readonly upFaint: string;
  readonly downFaint: string;
  readonly line: string;
  readonly crosshair: string;
  readonly surface: string;
  readonly raised: string;
  readonly font: string;
}

export function readFlowColours(canvas: HTMLCanvasElement, context: CanvasRenderingContext2D): FlowColours {
  let hatch: CanvasPattern | null = null;
  const style = getComputedStyle(canvas);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  const tile = document.createElement('canvas');
  tile.width = tile.height = 8;
  const pen = tile.getContext('2d');
  if (pen !== null) {
    pen.strokeStyle = token('--text-dim');
    pen.globalAlpha = 0.35;
    pen.lineWidth = 1;
    pen.beginPath();
    for (const shift of [-8, 0, 8]) {
      pen.moveTo(shift, 8);
      pen.lineTo(shift + 8, 0);
    }
    pen.stroke();
    hatch = context.createPattern(tile, 'repeat');
  }
  return {
    hatch,
    text: token('--text'),
    dim: token('--text-dim'),
    border: token('--border'),
    up: token('--up'),
    down: token('--down'),
    upFaint: token('--up-volume'),
    downFaint: token('--down-volume'),
    line: token('--series-1'),
    crosshair: token('--crosshair'),
    surface: token('--surface'),
    raised: token('--surface-raised'),
    font: style.fontFamily,
  };
}

const DAY_MS = 86_400_000;

export function compactVolume(value: number): string {
  return value < 0 ? `−${formatCompact(-value)}` : formatCompact(value);
}

export function timeLabel(time: number, stepMs: number): string {
  const text = new Date(time).toISOString();
  if (time % DAY_MS === 0 && stepMs >= 60_000) return text.slice(5, 10);
  return stepMs >= DAY_MS ? text.slice(5, 10) : text.slice(11, stepMs >= 60_000 ? 16 : 19);
}

/** A signed volume for a readout. */
export function signedVolume(value: number): string {
  return Math.abs(value) >= 1_000 ? `${value > 0 ? '+' : '−'}${formatCompact(Math.abs(value))}` : formatSigned(value, 2);
}
