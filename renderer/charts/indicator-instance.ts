import type { IndicatorDefinition, IndicatorParams } from '../../core/analysis/indicators/indicator.ts';
import { defaultParams, fittingParams, indicatorById } from '../../core/analysis/indicators/registry.ts';

/** Tokens of tokens.css by which lines may be coloured, in the order in which they are given out. */
export const SERIES_COLOURS = [
  'series-1',
  'series-2',
  'series-3',
  'series-4',
  'series-5',
  'series-6',
  'series-7',
  'series-8',
  'up',
  'down',
] as const;
export type SeriesColour = (typeof SERIES_COLOURS)[number];
const GIVEN_OUT = 8;

/** A pane's height against the candles' one. */
export const PANE_SHARE = 0.26;
const LEAST_SHARE = 0.05;
const MOST_SHARE = 5;
/** More would leave no room for the candles and cost each of them a step a trade. */
export const MOST_INDICATORS = 16;

/** An indicator as a trader put it on the chart: kept in the panel's settings. */
export interface IndicatorInstance {
  readonly key: string;
  readonly indicator: string;
  readonly params: IndicatorParams;
  /** One for each output. */
  readonly colours: readonly SeriesColour[];
  readonly share: number;
}

/** What is usable of saved settings: unknown indicators are left out, values that do not fit are made to. */
export function knownInstances(saved: unknown): readonly IndicatorInstance[] {
  if (!Array.isArray(saved)) return [];
  const known: IndicatorInstance[] = [];
  for (const entry of saved.slice(0, MOST_INDICATORS) as unknown[]) {
    if (typeof entry !== 'object' || entry === null) continue;
    const { key, indicator, params, colours, share } = entry as Readonly<Record<string, unknown>>;
    const definition = typeof indicator === 'string' ? indicatorById(indicator) : undefined;
    if (definition === undefined || typeof key !== 'string' || known.some((other) => other.key === key)) continue;
    const given = typeof params === 'object' && params !== null ? (params as Readonly<Record<string, unknown>>) : {};
    const wanted: readonly unknown[] = Array.isArray(colours) ? colours : [];
    const standard = standardColours(definition, known);
    known.push({
      key,
      indicator: definition.id,
      params: fittingParams(definition, given),
      colours: standard.map((colour, i) => (isSeriesColour(wanted[i]) ? wanted[i] : colour)),
      share: typeof share === 'number' && share >= LEAST_SHARE && share <= MOST_SHARE ? share : PANE_SHARE,
    });
  }
  return known;
}

export function newInstance(
  key: string,
  definition: IndicatorDefinition,
  present: readonly IndicatorInstance[],
): IndicatorInstance {
  return {
    key,
    indicator: definition.id,
    params: defaultParams(definition),
    colours: standardColours(definition, present),
    share: PANE_SHARE,
  };
}

function isSeriesColour(value: unknown): value is SeriesColour {
  return SERIES_COLOURS.some((colour) => colour === value);
}

/** The edges of a band share a colour; each other output gets the first that the fewest lines have. */
function standardColours(definition: IndicatorDefinition, present: readonly IndicatorInstance[]): SeriesColour[] {
  const uses = new Map<SeriesColour, number>(SERIES_COLOURS.slice(0, GIVEN_OUT).map((colour) => [colour, 0]));
  for (const { colours } of present)
    for (const colour of new Set(colours)) if (uses.has(colour)) uses.set(colour, (uses.get(colour) ?? 0) + 1);
  const next = (): SeriesColour => {
    const [colour] = [...uses].reduce((least, use) => (use[1] < least[1] ? use : least));
    uses.set(colour, (uses.get(colour) ?? 0) + 1);
    return colour;
  };
  let edge: SeriesColour | undefined;
  return definition.outputs.map(({ kind, id }) => {
    if (id === 'up' || id === 'plusDi' || id === 'spanA') return 'up';
    if (id === 'down' || id === 'minusDi' || id === 'spanB') return 'down';
    if (kind === 'band') return (edge ??= next());
    return next();
  });
}

/** As legends have it: `EMA 20`, `BB 20 2`. */
export function instanceTitle({ indicator, params }: IndicatorInstance): string {
  const definition = indicatorById(indicator);
  if (definition === undefined) return indicator;
  return [definition.short, ...definition.params.map(({ id }) => params[id])].join(' ');
}
