import { useConnection } from '../stores/connection.ts';
import { sourceLabel, sourceMeaning, useLivePrice } from '../stores/live-price.ts';
import { usePriceDecimals } from '../stores/watchlist.ts';
import { formatClock, formatNumber } from '../ui/format.ts';

/** The price of the selected symbol and its source; grey when it is too old to trade on. Nothing until one is known. */
export function LivePrice({ testId }: { readonly testId: string }) {
  const price = useLivePrice((state) => state.price);
  const direction = useLivePrice((state) => state.direction);
  const lost = useConnection((state) => state.state !== 'open');
  const decimals = usePriceDecimals(price?.symbol ?? '');
  if (price === undefined) return null;
  const expired = price.expired || lost;
  const meaning = sourceMeaning(price);
  return (
    <span
      className={expired ? 'live-price live-price-expired' : 'live-price'}
      title={expired ? `${meaning}. Of ${formatClock(price.t)} UTC: too old to trade on.` : `${meaning}.`}
      data-expired={expired}
      data-source={price.source}
      data-testid={testId}
    >
      <strong className={`num ${expired ? '' : (direction ?? '')}`}>{formatNumber(price.price, decimals)}</strong>
      <span className="dim">{sourceLabel(price)}</span>
    </span>
  );
}
