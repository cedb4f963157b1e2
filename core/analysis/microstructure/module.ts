import type { EpochMs } from '../../base/clock.ts';
import type { DirectionalView, Feature } from '../../contracts/analysis.ts';
import type { Trade } from '../../market/trade.ts';
import { type AnalysisModule, feature, perSymbol, type SymbolAnalysis } from '../module.ts';
import { TrackRecord } from '../track-record.ts';
import type { BookSample } from './book-pressure.ts';
import { type MicrostructureFeature, MICROSTRUCTURE_FEATURES, MICROSTRUCTURE_INDEX as AT } from './microstructure-features.ts';
import { MicrostructureState } from './microstructure-state.ts';

const HORIZON_MS = 30_000;
/** Imbalance of a minute's flow from which the rule calls: almost twice as much on one side (0.65 against 0.35). */
const CALL_IMBALANCE = 0.3;

interface Shown {
  readonly name: string;
  /** `base`: the symbol's base currency; `quote`: its quote currency. */
  readonly unit: string;
  readonly decimals: number;
  readonly hint: string;
  readonly factor?: number;
}

const SHOWN: Readonly<Record<MicrostructureFeature, Shown>> = {
  buyRate: { name: 'Bought', unit: 'base/s', decimals: 3, hint: 'By takers, mean of the last minute' },
  sellRate: { name: 'Sold', unit: 'base/s', decimals: 3, hint: 'By takers, mean of the last minute' },
  signedVolume: { name: 'Net volume', unit: 'base', decimals: 2, hint: 'Bought less sold in the last minute' },
  flowImbalance: { name: 'Flow imbalance', unit: '', decimals: 2, hint: '(bought − sold)/(bought + sold) of the last minute' },
  cvd: { name: 'Cumulative delta', unit: 'base', decimals: 2, hint: 'Bought less sold since 00:00 UTC, or since it is watched' },
  tradeRate: { name: 'Trades', unit: '/s', decimals: 2, hint: 'Mean of the last minute' },
  tradeIntensity: { name: 'Trade intensity', unit: '/s', decimals: 2, hint: 'Exponentially weighted, time constant 10 s' },
  tradeBurst: {
    name: 'Burst',
    unit: '×',
    decimals: 2,
    hint: 'Intensity over the rate of the minute: above 1 trades come faster',
  },
  meanTradeNotional: { name: 'Mean trade', unit: 'quote', decimals: 0, hint: 'Mean notional of the last minute’s trades' },
  largeShare: {
    name: 'Large trades',
    unit: '%',
    decimals: 1,
    factor: 100,
    hint: 'Of the notional: trades in the top 5 % by size',
  },
  largeImbalance: {
    name: 'Large, net',
    unit: '%',
    decimals: 1,
    factor: 100,
    hint: 'Large bought less large sold, of the notional',
  },
  largeThreshold: { name: 'Large from', unit: 'quote', decimals: 0, hint: 'Smallest notional that counts as large now' },
  vpin: {
    name: 'VPIN',
    unit: '',
    decimals: 2,
    hint: 'Volume-synchronised probability of informed trading: 0 balanced, 1 one-sided',
  },
  spreadBps: { name: 'Spread', unit: 'bps', decimals: 2, hint: 'Between the best prices, now' },
  meanSpreadBps: { name: 'Spread, minute', unit: 'bps', decimals: 2, hint: 'Mean of the last minute' },
  effectiveSpreadBps: { name: 'Effective spread', unit: 'bps', decimals: 2, hint: 'Twice what takers paid against the mid' },
  realisedSpreadBps: { name: 'Realised spread', unit: 'bps', decimals: 2, hint: 'What of it stayed with makers 5 s later' },
  impactBps: { name: 'Price impact', unit: 'bps', decimals: 2, hint: 'What the mid moved the takers’ way within 5 s, twice' },
  kyleLambda: { name: 'Kyle’s lambda', unit: 'bps/M', decimals: 2, hint: 'Move per million net bought, last five minutes' },
  kyleR2: {
    name: 'Explained by flow',
    unit: '%',
    decimals: 1,
    factor: 100,
    hint: 'R² of that regression of one-second moves on net flow',
  },
  hasbrouckLambda: {
    name: 'Hasbrouck’s lambda',
    unit: 'bps',
    decimals: 2,
    hint: 'Move per signed root of notional, in thousands',
  },
  amihud: { name: 'Amihud', unit: 'bps/M', decimals: 2, hint: 'Mean size of one-second moves per million traded' },
  microOffsetBps: { name: 'Microprice', unit: 'bps', decimals: 2, hint: 'How far it is above the mid' },
  touchImbalance: { name: 'Touch imbalance', unit: '', decimals: 2, hint: '(bid − ask)/(bid + ask) of the best quantities' },
  bookPressure: { name: 'Book pressure', unit: '', decimals: 2, hint: 'The same of the buckets’ notional, weighted by nearness' },
};

/**
 * Order flow of one symbol, over the trades of all its sources and its consolidated book: `MicrostructureState`. Its rule: where takers
 * bought almost twice what they sold over the last minute, or the other way round, the mid goes that way in the next half minute (order
 * imbalance predicts the next returns: Chordia & Subrahmanyam 2004; flow persists: Lillo & Farmer 2004). Judged by what it called since it was
 * loaded.
 */
export class MicrostructureAnalysis implements SymbolAnalysis {
  readonly #state = new MicrostructureState();
  readonly #record = new TrackRecord({ horizonMs: HORIZON_MS });
  readonly #units: Readonly<Record<'base' | 'quote', string>>;
  readonly #now: () => EpochMs;

  constructor(symbol: string, now: () => EpochMs) {
    const [base = '', quote = ''] = symbol.split(/[/:]/);
    this.#units = { base, quote };
    this.#now = now;
  }

  onTrade(trade: Trade): void {
    this.#state.onTrade(trade);
  }

  onBook(t: EpochMs, sample: BookSample): void {
    this.#state.onBook(t, sample);
    if (sample.venues.length > 0) this.#record.step(t, sample.mid, directionOf(this.#imbalance(t)));
  }

  features(): Feature[] {
    const values = this.#state.features(this.#now());
    const { base, quote } = this.#units;
    const features = MICROSTRUCTURE_FEATURES.map((id) => {
      const { name, unit, decimals, hint, factor = 1 } = SHOWN[id];
      return feature(
        id,
        name,
        factor * (values[AT[id]] as number),
        unit.replace('base', base).replace('quote', quote),
        decimals,
        { hint },
      );
    });
    return [...features, this.#record.feature()];
  }

  predictions(): DirectionalView[] {
    const imbalance = this.#imbalance(this.#now());
    const basis = `takers ${imbalance > 0 ? 'bought' : 'sold'} more over the last minute, imbalance ${imbalance.toFixed(2)}`;
    return this.#record.views(directionOf(imbalance), basis);
  }

  #imbalance(t: EpochMs): number {
    return this.#state.features(t)[AT.flowImbalance] as number;
  }
}

function directionOf(imbalance: number): -1 | 0 | 1 {
  return imbalance >= CALL_IMBALANCE ? 1 : imbalance <= -CALL_IMBALANCE ? -1 : 0;
}

export function create(): AnalysisModule {
  return perSymbol((symbol, data) => {
    const analysis = new MicrostructureAnalysis(symbol, () => data.now());
    data.subscribe('allTrades', { symbol }, (trade) => analysis.onTrade(trade));
    data.subscribe('cob', { symbol }, (view) => analysis.onBook(view.t, view));
    return analysis;
  });
}
