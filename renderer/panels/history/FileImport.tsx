import { useState } from 'react';
import { useDesk } from '../../app/desk-context.ts';
import { useSelection } from '../../stores/selection.ts';
import { useWatchlist } from '../../stores/watchlist.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { formatBytes, formatDate, formatNumber } from '../../ui/format.ts';
import { checkImport, closeImport, pickImport, startImport, useImport } from './import-store.ts';
import { ImportTable } from './ImportTable.tsx';
import { ReadingRules } from './ReadingRules.tsx';
import { RowErrors } from './RowErrors.tsx';

const PICKING: Readonly<Record<string, string>> = { picking: 'Choosing a file…', reading: 'Reading the file…' };

/** A CSV or Parquet file on its way into the store: what it holds, how it is read, what is wrong with it. */
export function FileImport() {
  const { client } = useDesk();
  const shown = useSelection((state) => state.symbol);
  const primary = useWatchlist(({ followed }) => followed?.find(({ symbol }) => symbol === shown)?.sources[0]?.venue);
  const { preview, draft, check, busy, problem } = useImport();
  const [skip, setSkip] = useState(false);
  const pick = (): void => void pickImport(client, shown, primary ?? 'binance');

  if (preview === undefined || draft === undefined) {
    return (
      <EmptyState title="Import candles or trades from a CSV or Parquet file">
        <p>You see what is in it and how it is read before anything is stored. Every row is checked.</p>
        <Button tone="primary" disabled={busy !== undefined} onClick={pick} data-testid="import-pick">
          {(busy !== undefined && PICKING[busy]) || 'Choose a file…'}
        </Button>
        {problem !== undefined && (
          <p className="down" role="alert" data-testid="import-problem">
            {problem}
          </p>
        )}
      </EmptyState>
    );
  }
  const { file, totalRows } = preview;
  return (
    <div className="history-form" data-testid="import-form">
      <div className="history-row">
        <strong className="import-name">{file.name}</strong>
        <span className="dim num">
          {file.format === 'csv' ? 'CSV' : 'Parquet'}, {formatBytes(file.bytes)}, {formatNumber(totalRows, 0)} rows
        </span>
        <span className="spacer" />
        <Button className="button-small" disabled={busy !== undefined} onClick={pick}>
          Another file…
        </Button>
        <Button className="button-small" disabled={busy !== undefined} onClick={closeImport} data-testid="import-close">
          Close
        </Button>
      </div>
      <ReadingRules preview={preview} draft={draft} />
      <ImportTable preview={preview} draft={draft} />
      <div className="history-row">
        <Button
          tone={check === undefined ? 'primary' : 'plain'}
          disabled={busy !== undefined}
          onClick={() => void checkImport(client)}
          data-testid="import-check"
        >
          {busy === 'checking' ? 'Checking every row…' : 'Check every row'}
        </Button>
        {check !== undefined && (
          <>
            <span className="num" data-testid="import-checked">
              {formatNumber(check.goodRows, 0)} good
              {check.badRows > 0 && <span className="down">, {formatNumber(check.badRows, 0)} bad</span>}
              {check.duplicates > 0 && (
                <span className="warn" title="Rows with the time of another; of these the last counts">
                  , {formatNumber(check.duplicates, 0)} double
                </span>
              )}
              {check.from !== undefined && check.to !== undefined && (
                <span className="dim">
                  , {formatDate(check.from)} – {formatDate(check.to)}
                </span>
              )}
            </span>
            <span className="import-go">
              {check.badRows > 0 && (
                <label className="import-skip">
                  <input
                    type="checkbox"
                    checked={skip}
                    onChange={(event) => setSkip(event.target.checked)}
                    data-testid="import-skip"
                  />
                  Leave out bad rows
                </label>
              )}
              <Button
                tone="primary"
                disabled={busy !== undefined || check.goodRows === 0 || (check.badRows > 0 && !skip)}
                onClick={() => void startImport(client, check.badRows > 0 && skip)}
                data-testid="import-start"
              >
                {busy === 'starting' ? 'Starting…' : `Import ${formatNumber(check.goodRows, 0)} rows`}
              </Button>
            </span>
          </>
        )}
        {problem !== undefined && (
          <span className="down" role="alert" data-testid="import-problem">
            {problem}
          </span>
        )}
      </div>
      {check !== undefined && check.errors.length > 0 && <RowErrors errors={check.errors} total={check.badRows} />}
    </div>
  );
}
