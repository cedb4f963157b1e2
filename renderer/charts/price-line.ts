import { LineStyle } from 'lightweight-charts';

/** A horizontal line with a label on the price axis. */
export interface PriceLineStyle {
  readonly price: number;
  readonly colour: string;
  readonly dashed: boolean;
}

export function priceLineOptions({ price, colour, dashed }: PriceLineStyle) {
  return {
    price,
    color: colour,
    lineWidth: 1,
    lineStyle: dashed ? LineStyle.Dashed : LineStyle.Solid,
    axisLabelVisible: true,
  } as const;
}
