/**
 * What `MicrostructureState` tells, in the order of its values. Volumes in base units, notional in quote units, bps of the mid price.
 * Flow and trade costs are over the trailing minute, impact over the trailing five, of whole seconds; the book's are of the newest
 * sample. NaN: not known.
 */
export const MICROSTRUCTURE_FEATURES = [
  /** Base units a second that takers bought and sold. */
  'buyRate',
  'sellRate',
  /** Bought less sold, base units. */
  'signedVolume',
  /** The same over bought and sold: −1 … 1; 0 when nothing was traded. */
  'flowImbalance',
  /** Cumulative volume delta: bought less sold since 00:00 UTC, or since the market is watched when that is later. */
  'cvd',
  /** Trades a second over the minute, and their exponentially weighted rate with a time constant of 10 s. */
  'tradeRate',
  'tradeIntensity',
  /** `tradeIntensity` over `tradeRate`: above 1 trades come faster than they did. */
  'tradeBurst',
  'meanTradeNotional',
  /** Share of the notional that came in large trades, and large bought less large sold over all notional. */
  'largeShare',
  'largeImbalance',
  /** Smallest notional that is large. */
  'largeThreshold',
  'vpin',
  /** Quoted spread: the newest, and the mean of the minute's samples. */
  'spreadBps',
  'meanSpreadBps',
  /** What takers paid against the mid, twice; what of it stayed 5 s later; and what the mid moved their way. */
  'effectiveSpreadBps',
  'realisedSpreadBps',
  'impactBps',
  /** Bps that the mid moves with a million quote units of net buying, and the share of the mid's variance that this explains. */
  'kyleLambda',
  'kyleR2',
  /** Bps by signed root of notional, in thousands (a million bought at once is 1). */
  'hasbrouckLambda',
  /** Mean |return| in bps by million quote units traded. */
  'amihud',
  /** How far the microprice is above the mid. */
  'microOffsetBps',
  /** (bid − ask)/(bid + ask) of the best quantities, and of the buckets' notional weighted by nearness. */
  'touchImbalance',
  'bookPressure',
] as const;
export type MicrostructureFeature = (typeof MICROSTRUCTURE_FEATURES)[number];

/** Where a feature is among the values. */
export const MICROSTRUCTURE_INDEX = Object.fromEntries(MICROSTRUCTURE_FEATURES.map((name, i) => [name, i])) as Readonly<
  Record<MicrostructureFeature, number>
>;
