import type { HeatmapMetric } from '../../core/market/heatmap.ts';

type Rgb = readonly [number, number, number];

const RAMPS: Readonly<Record<'dark' | 'light', { readonly volume: readonly Rgb[]; readonly imbalance: readonly Rgb[] }>> = {
  dark: {
    volume: [
      [15, 22, 32],
      [20, 49, 92],
      [24, 104, 148],
      [46, 170, 150],
      [226, 205, 98],
      [255, 250, 226],
    ],
    imbalance: [
      [240, 101, 92],
      [112, 58, 62],
      [20, 28, 38],
      [28, 92, 78],
      [43, 201, 148],
    ],
  },
  light: {
    volume: [
      [246, 249, 252],
      [207, 224, 245],
      [132, 180, 226],
      [52, 124, 194],
      [22, 66, 132],
      [10, 26, 62],
    ],
    imbalance: [
      [191, 51, 43],
      [233, 172, 166],
      [246, 248, 250],
      [156, 208, 188],
      [11, 118, 83],
    ],
  },
};

/** Behind candles, in the dark: blues, which neither rising nor falling candles are drawn in. */
const DARK_BEHIND: readonly Rgb[] = [
  [16, 28, 52],
  [26, 58, 122],
  [44, 96, 190],
  [92, 148, 238],
  [160, 198, 252],
  [232, 241, 255],
];

function rampOf(theme: 'dark' | 'light', metric: HeatmapMetric, isBehind: boolean): readonly Rgb[] {
  if (metric === 'imbalance') return RAMPS[theme].imbalance;
  return isBehind && theme === 'dark' ? DARK_BEHIND : RAMPS[theme].volume;
}

/** How much of what lies behind a colour it covers, 0 … 1: behind candles only what is strong may stand out. */
function coverOf(share: number, metric: HeatmapMetric, isBehind: boolean): number {
  if (!isBehind) return 1;
  return 0.06 + 0.94 * (metric === 'imbalance' ? Math.abs(2 * share - 1) : share);
}

/** 256 colours as ImageData stores them: little-endian RGBA words. `isBehind`: for behind candles. */
export function colourTable(theme: 'dark' | 'light', metric: HeatmapMetric, isBehind = false): Uint32Array {
  const stops = rampOf(theme, metric, isBehind);
  return Uint32Array.from({ length: 256 }, (_, i) => {
    const place = (i / 255) * (stops.length - 1);
    const low = Math.min(stops.length - 2, Math.floor(place));
    const [from, to] = [stops[low] as Rgb, stops[low + 1] as Rgb];
    const [r, g, b] = from.map((value, c) => Math.round(value + (place - low) * ((to[c] as number) - value))) as [
      number,
      number,
      number,
    ];
    const alpha = Math.round(255 * coverOf(i / 255, metric, isBehind));
    return ((alpha << 24) | (b << 16) | (g << 8) | r) >>> 0;
  });
}

/** The same as a CSS gradient, weakest first. */
export function colourGradient(theme: 'dark' | 'light', metric: HeatmapMetric, isBehind = false): string {
  const stops = rampOf(theme, metric, isBehind);
  const colourOf = (stop: Rgb, i: number): string =>
    `rgb(${stop.join(' ')} / ${Math.round(100 * coverOf(i / (stops.length - 1), metric, isBehind))}%)`;
  return `linear-gradient(90deg, ${stops.map(colourOf).join(', ')})`;
}
