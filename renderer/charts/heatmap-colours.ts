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

/** 256 colours as ImageData stores them: little-endian RGBA words. */
export function colourTable(theme: 'dark' | 'light', metric: HeatmapMetric): Uint32Array {
  const stops = RAMPS[theme][metric === 'imbalance' ? 'imbalance' : 'volume'];
  return Uint32Array.from({ length: 256 }, (_, i) => {
    const place = (i / 255) * (stops.length - 1);
    const low = Math.min(stops.length - 2, Math.floor(place));
    const [from, to] = [stops[low] as Rgb, stops[low + 1] as Rgb];
    const [r, g, b] = from.map((value, c) => Math.round(value + (place - low) * ((to[c] as number) - value))) as [
      number,
      number,
      number,
    ];
    return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
  });
}

/** The same as a CSS gradient, weakest first. */
export function colourGradient(theme: 'dark' | 'light', metric: HeatmapMetric): string {
  const stops = RAMPS[theme][metric === 'imbalance' ? 'imbalance' : 'volume'];
  return `linear-gradient(90deg, ${stops.map((stop) => `rgb(${stop.join(' ')})`).join(', ')})`;
}
