export const LADDER_DEFAULTS = {
  /** The list of merged venues is open. */
  sources: false,
  /** Numbers are sums from the mid on. */
  sums: false,
};
