import type { InputBlockQuality, InputQuality } from '../../../core/contracts/base-input.ts';
import { formatAge, formatNumber, formatShare } from '../../ui/format.ts';

/** What the blocks are called on screen, and what is in them. */
const BLOCKS: Readonly<Record<string, readonly [label: string, content: string]>> = {
  'candles.1s': ['Candles 1s', 'One-second candles with their indicators'],
  'candles.1m': ['Candles 1m', 'One-minute candles with their indicators'],
  'candles.1h': ['Candles 1h', 'Hourly candles with their indicators'],
  'candles.1d': ['Candles 1d', 'Daily candles with their indicators'],
  'reference.1s': ['Reference 1s', 'One-second candles of the reference symbol'],
  cob: ['Order book', 'Bid and ask notional of 41 buckets, each second'],
  cobMa: ['Imbalance', 'Imbalance averages over 1, 5, 15 and 60 seconds, each second'],
  'heatmap.values': ['Heatmap', 'Total volume at 21 prices, each second'],
  'heatmap.mids': ['Heatmap mids', 'The mid of each second'],
  'heatmap.prices': ['Heatmap prices', 'The prices of the heatmap’s rows'],
  flow: ['Order flow', 'Volumes, order flow imbalance, trades, spread, microprice, VPIN and large trades, each second'],
  pivots: ['Pivots', 'The newest 8 swings of 5 levels, by their confirmation'],
  trends: ['Trends', 'Trend and its strength on 5 levels'],
  context: ['Context', 'Regime, volatility, correlation, time of day, position'],
  lastOutputs: ['Last outputs', 'What each model told last; a model that tells nothing is not missing'],
};

export function blockLabel(name: string): string {
  return BLOCKS[name]?.[0] ?? name;
}

/** `248 of 300`. */
export function countText({ frames, expected }: InputBlockQuality): string {
  return `${formatNumber(Math.min(frames, expected), 0)} of ${formatNumber(expected, 0)}`;
}

/** Everything of a block for a person who points at it. */
export function blockTitle(block: InputBlockQuality, t: number): string {
  const { name, expectedShape, actualShape, completeness, freshness, consistency, newest, unit } = block;
  const shapes = `shape ${actualShape.join(' × ')} of ${expectedShape.join(' × ')}`;
  const age = newest === undefined ? 'nothing known' : `newest ${formatAge(Math.max(0, t - newest))} old`;
  const shares = `complete ${formatShare(completeness)}, fresh ${formatShare(freshness)}, consistent ${formatShare(consistency)}`;
  return `${BLOCKS[name]?.[1] ?? name}. ${countText(block)} ${unit}, ${shapes}; ${shares}; ${age}.`;
}

export type Tone = 'good' | 'fair' | 'poor';

/** Good from the share on that a model wants of the whole. */
export function toneOf(share: number): Tone {
  return share >= 0.8 ? 'good' : share >= 0.5 ? 'fair' : 'poor';
}

/** The refusal without what the panel says anyway: one line a block. */
export function refusalLines({ symbol, refusal = '' }: InputQuality): readonly string[] {
  const prefix = `${symbol}: no model may run: `;
  const text = refusal.startsWith(prefix) ? refusal.slice(prefix.length) : refusal;
  return text.replace(/\.$/, '').split('; ');
}
