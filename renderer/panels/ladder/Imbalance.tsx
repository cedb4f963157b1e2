import { hasBook, useCobReadout } from '../../stores/cob.ts';
import { formatSigned } from '../../ui/format.ts';

const AVERAGES = [
  ['1 s', 's1'],
  ['5 s', 's5'],
  ['15 s', 's15'],
  ['60 s', 's60'],
] as const;

/** Order-book imbalance within the symbol's range: now as a gauge, and its moving averages. From −1, only asks, to +1, only bids. */
export function Imbalance() {
  const now = useCobReadout(({ view }) => (hasBook(view) ? Math.round(100 * view.imbalance) / 100 : undefined));
  if (now === undefined) return null;
  return (
    <div className="imbalance" data-testid="imbalance">
      <div className="imbalance-line">
        <span className="dim">imbalance</span>
        <span
          className="imbalance-gauge"
          role="meter"
          aria-label="Order book imbalance: asks −1, bids +1"
          aria-valuemin={-1}
          aria-valuemax={1}
          aria-valuenow={now}
          title="(bid − ask) / (bid + ask) of notional within symbols.*.imbalanceRange of the mid"
        >
          <Fill value={now} />
        </span>
        <span className={`num imbalance-value ${toneOf(now)}`}>{formatSigned(now, 2)}</span>
      </div>
      <div className="imbalance-averages">
        {AVERAGES.map(([label, key]) => (
          <Average key={key} label={label} name={key} />
        ))}
      </div>
    </div>
  );
}

function Average({ label, name }: { readonly label: string; readonly name: (typeof AVERAGES)[number][1] }) {
  const value = useCobReadout(({ view }) => (hasBook(view) ? Math.round(100 * view.imbalanceMa[name]) / 100 : 0));
  return (
    <span title={`Time-weighted mean of the imbalance over ${label}`}>
      <span className="dim">{label}</span> <span className={`num ${toneOf(value)}`}>{formatSigned(value, 2)}</span>
      <span className="imbalance-gauge imbalance-small" aria-hidden="true">
        <Fill value={value} />
      </span>
    </span>
  );
}

function Fill({ value }: { readonly value: number }) {
  return (
    <span
      className={value < 0 ? 'imbalance-fill imbalance-ask' : 'imbalance-fill imbalance-bid'}
      style={{ transform: `scaleX(${Math.abs(value)})` }}
    />
  );
}

function toneOf(value: number): string {
  return value > 0 ? 'up' : value < 0 ? 'down' : '';
}
