import type { DirectionalView, Feature } from '../../contracts/analysis.ts';
import type { CobSnapshot } from '../../market/consolidated-book.ts';
import { type AnalysisModule, feature, perSymbol, type SymbolAnalysis } from '../module.ts';
import { TrackRecord } from '../track-record.ts';
import { concentration, depthSlope, venueShares } from './depth.ts';

const HORIZON_MS = 10_000;
/** Imbalance, mean over 5 s, from which the rule calls: almost twice as much on one side (0.65 against 0.35). */
const CALL_IMBALANCE = 0.3;

/**
 * The consolidated book of one symbol. Its rule: where the book leaned one way over the last five seconds, the mid goes that way in
 * the next ten (book imbalance predicts the next price changes: Cao, Hansch & Wang 2009; Gould & Bonart 2016). Judged by what it called since
 * it was loaded.
 */
export class CobAnalysis implements SymbolAnalysis {
  readonly #record = new TrackRecord({ horizonMs: HORIZON_MS });
  #snapshot: CobSnapshot | undefined;

  onSnapshot(snapshot: CobSnapshot): void {
    this.#snapshot = snapshot;
    const { t, mid, venues } = snapshot.view;
    if (venues.length > 0) this.#record.step(t, mid, this.#direction());
  }

  features(): Feature[] {
    if (this.#snapshot === undefined) return [];
    const { view, split } = this.#snapshot;
    const { imbalance, imbalanceMa, mid, microprice, spreadBps, venues } = view;
    const known = (value: number): number => (venues.length === 0 ? Number.NaN : value);
    const [bid, ask] = [depthSlope(view, 'bid'), depthSlope(view, 'ask')];
    const shares = venueShares(split);
    return [
      feature('imbalance', 'Imbalance', known(imbalance), '', 2, { hint: '(bid − ask)/(bid + ask) of notional around the mid' }),
      feature('imbalance1', 'Imbalance, 1 s', known(imbalanceMa.s1), '', 2, { hint: 'Time-weighted mean' }),
      feature('imbalance5', 'Imbalance, 5 s', known(imbalanceMa.s5), '', 2, { hint: 'Time-weighted mean' }),
      feature('imbalance15', 'Imbalance, 15 s', known(imbalanceMa.s15), '', 2, { hint: 'Time-weighted mean' }),
      feature('imbalance60', 'Imbalance, 60 s', known(imbalanceMa.s60), '', 2, { hint: 'Time-weighted mean' }),
      feature('spread', 'Spread', known(spreadBps), 'bps', 2),
      feature('microprice', 'Microprice', known((1e4 * (microprice - mid)) / mid), 'bps', 2, {
        hint: 'From the mid: the mid of the best prices, each weighted by the quantity at the other',
      }),
      feature('bidSlope', 'Bid depth', bid, 'USD/bps', 0, {
        hint: 'How fast the notional of bids grows with the distance from the mid',
      }),
      feature('askSlope', 'Ask depth', ask, 'USD/bps', 0, {
        hint: 'How fast the notional of asks grows with the distance from the mid',
      }),
      feature('slopes', 'Depth imbalance', bid + ask === 0 ? 0 : (bid - ask) / (bid + ask), '', 2, {
        hint: '(bid − ask)/(bid + ask) of the two depths',
      }),
      ...shares.map(({ venue, share }) =>
        feature(`share.${venue}`, `Share of ${venue}`, 100 * share, '%', 1, { hint: 'Of the notional of both sides' }),
      ),
      feature('concentration', 'Concentration', concentration(shares), '', 2, {
        hint: 'Herfindahl–Hirschman index of the venues’ shares: 1 when one venue holds all',
      }),
      this.#record.feature(),
    ];
  }

  predictions(): DirectionalView[] {
    if ((this.#snapshot?.view.venues.length ?? 0) === 0) return [];
    const mean = this.#snapshot?.view.imbalanceMa.s5 ?? 0;
    const basis = `${mean > 0 ? 'bids' : 'asks'} outweighed over 5 s, imbalance ${mean.toFixed(2)}`;
    return this.#record.views(this.#direction(), basis);
  }

  #direction(): -1 | 0 | 1 {
    const mean = this.#snapshot?.view.imbalanceMa.s5 ?? 0;
    return mean >= CALL_IMBALANCE ? 1 : mean <= -CALL_IMBALANCE ? -1 : 0;
  }
}

export function create(): AnalysisModule {
  return perSymbol((symbol, data) => {
    const analysis = new CobAnalysis();
    data.subscribe('cobSnapshots', { symbol }, (snapshot) => analysis.onSnapshot(snapshot));
    return analysis;
  });
}
