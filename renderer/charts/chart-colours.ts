import { SERIES_COLOURS, type SeriesColour } from './indicator-instance.ts';

/** The theme's tokens as the canvas needs them: read from CSS, so that there is one source. */
export interface ChartColours {
  readonly background: string;
  readonly text: string;
  readonly textDim: string;
  readonly grid: string;
  readonly border: string;
  readonly crosshair: string;
  readonly accent: string;
  readonly up: string;
  readonly down: string;
  readonly upSoft: string;
  readonly downSoft: string;
  readonly upVolume: string;
  readonly downVolume: string;
  readonly onAccent: string;
  readonly surfaceRaised: string;
  readonly font: string;
  /** Of lines that the trader chose. */
  readonly series: Readonly<Record<SeriesColour, string>>;
}

export function readChartColours(): ChartColours {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  return {
    background: token('--surface'),
    text: token('--text'),
    textDim: token('--text-dim'),
    grid: token('--grid'),
    border: token('--border'),
    crosshair: token('--crosshair'),
    accent: token('--accent'),
    up: token('--up'),
    down: token('--down'),
    upSoft: token('--up-soft'),
    downSoft: token('--down-soft'),
    upVolume: token('--up-volume'),
    downVolume: token('--down-volume'),
    onAccent: token('--on-accent'),
    surfaceRaised: token('--surface-raised'),
    font: token('--font'),
    series: Object.fromEntries(SERIES_COLOURS.map((name) => [name, token(`--${name}`)])) as Record<SeriesColour, string>,
  };
}

/** `#rrggbb` with less opacity; any other notation as it is. */
export function faded(colour: string, opacity = 0.5): string {
  return /^#[\da-f]{6}$/i.test(colour)
    ? `${colour}${Math.round(255 * opacity)
        .toString(16)
        .padStart(2, '0')}`
    : colour;
}
