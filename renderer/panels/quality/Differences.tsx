import { useEffect, useState } from 'react';
import type { CandleDifference } from '../../../core/contracts/data-quality.ts';
import { useDesk } from '../../app/desk-context.ts';
import { priceDecimals } from '../../stores/watchlist.ts';
import { formatDateTime, formatNumber, formatSigned } from '../../ui/format.ts';
import { venueName } from '../../ui/venue-name.ts';

const MOST = 200;
const PRICES: readonly CandleDifference['field'][] = ['open', 'high', 'low', 'close'];

interface DifferencesProps {
  readonly symbol: string;
  /** Changes when there may be more. */
  readonly stamp: number;
  readonly onJump: (time: number) => void;
}

/** Candles that were not the venue's own, newest first; a row shows its candle on the chart. */
export function Differences({ symbol, stamp, onJump }: DifferencesProps) {
  const { client } = useDesk();
  const [answer, setAnswer] = useState<{ readonly differences: readonly CandleDifference[]; readonly problem?: string }>();
  useEffect(() => {
    let current = true;
    if (symbol !== '')
      void client.command('listCandleDifferences', { symbol, limit: MOST }).then((result) => {
        if (!current) return;
        setAnswer(result.ok ? result.value : { differences: [], problem: result.error.message });
      });
    return () => {
      current = false;
    };
  }, [client, symbol, stamp]);
  if (answer === undefined) return null;
  const { differences, problem } = answer;
  return (
    <section aria-label="Differences">
      <h3 className="section-title">Differences from the venue’s own candles</h3>
      {problem !== undefined && (
        <p className="down quality-problem" role="alert">
          {problem}
        </p>
      )}
      {problem === undefined && differences.length === 0 && (
        <p className="dim quality-problem">None was found: every built candle that was compared is the venue’s.</p>
      )}
      {differences.length > 0 && (
        <div className="quality-scroll quality-differences">
          <table className="table" aria-label="Differences" data-testid="quality-differences">
            <thead>
              <tr>
                <th scope="col">Candle (UTC)</th>
                <th scope="col">Venue</th>
                <th scope="col">Field</th>
                <th scope="col" className="right">
                  Built
                </th>
                <th scope="col" className="right">
                  Venue’s
                </th>
                <th scope="col" className="right">
                  Change
                </th>
              </tr>
            </thead>
            <tbody>
              {differences.map((difference) => (
                <Difference
                  key={`${difference.timeframe} ${difference.openTime} ${difference.field}`}
                  of={difference}
                  onJump={onJump}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Difference({ of, onJump }: { readonly of: CandleDifference; readonly onJump: (time: number) => void }) {
  const { openTime, timeframe, venue, field, stored, told, symbol } = of;
  const decimals = PRICES.includes(field) ? priceDecimals(symbol) : field === 'tradeCount' ? 0 : 4;
  return (
    <tr>
      <td className="num">
        <button type="button" className="quality-jump" title="Show this candle on the chart" onClick={() => onJump(openTime)}>
          {formatDateTime(openTime)}
        </button>{' '}
        <span className="dim">{timeframe}</span>
      </td>
      <td>{venueName(venue)}</td>
      <td>{field}</td>
      <td className="right num">{formatNumber(stored, decimals)}</td>
      <td className="right num">{formatNumber(told, decimals)}</td>
      <td className="right num warn">{formatSigned(told - stored, decimals)}</td>
    </tr>
  );
}
