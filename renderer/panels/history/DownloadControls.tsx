import { type FormEvent, useState } from 'react';
import { TIMEFRAMES, type Timeframe } from '../../../core/market/timeframe.ts';
import { useDesk, usePanelSettings } from '../../app/desk-context.ts';
import { useSelection } from '../../stores/selection.ts';
import { useSystem } from '../../stores/system.ts';
import { useSymbols } from '../../stores/watchlist.ts';
import { Button } from '../../ui/Button.tsx';
import { formatNumber } from '../../ui/format.ts';
import { ModeBadge } from '../../ui/ModeBadge.tsx';
import { candlesOf, checkDownload, DOWNLOAD_PRESETS, type DownloadProblems, presetDays } from './download-form.ts';

const DEFAULTS: { timeframes: readonly Timeframe[] } = { timeframes: ['1m', '1h', '1d'] };
const FIRST_PRESET = 30;

/** What to download: symbol, timeframes and days. */
export function DownloadControls() {
  const { client, bootstrap } = useDesk();
  const symbols = useSymbols();
  const shown = useSelection((state) => state.symbol);
  // The estimate and the presets follow the market's day; a status a second would be too often.
  const now = useSystem((state) => Math.floor((state.status?.now ?? 0) / 60_000) * 60_000);
  const [{ timeframes }, update] = usePanelSettings('history-download', DEFAULTS);
  const [chosen, setChosen] = useState<string>();
  const [days, setDays] = useState<{ readonly from: string; readonly to: string }>();
  const [problems, setProblems] = useState<DownloadProblems>({});
  const [refusal, setRefusal] = useState<string>();
  const [pending, setPending] = useState(false);
  const symbol = symbols.some((known) => known.symbol === chosen) ? (chosen ?? shown) : shown;
  const { from, to } = days ?? (now === 0 ? { from: '', to: '' } : presetDays(FIRST_PRESET, now));
  const form = { symbol, timeframes, from, to };
  const checked = checkDownload(form, now);

  function edit(): void {
    setProblems({});
    setRefusal(undefined);
  }

  async function start(event: FormEvent): Promise<void> {
    event.preventDefault();
    edit();
    if (!checked.ok) return setProblems(checked.problems);
    setPending(true);
    const result = await client.command('startHistoryDownload', checked.request);
    setPending(false);
    if (!result.ok) setRefusal(result.error.message);
  }

  function toggle(timeframe: Timeframe): void {
    edit();
    update({
      timeframes: timeframes.includes(timeframe)
        ? timeframes.filter((known) => known !== timeframe)
        : TIMEFRAMES.filter((known) => known === timeframe || timeframes.includes(known)),
    });
  }

  return (
    <form className="history-form" onSubmit={(event) => void start(event)} aria-label="Download history">
      <div className="history-row">
        <label className="field">
          <span>Symbol</span>
          <select
            className="input"
            value={symbol}
            onChange={(event) => setChosen(event.target.value)}
            data-testid="download-symbol"
          >
            {symbols.map((known) => (
              <option key={known.symbol}>{known.symbol}</option>
            ))}
          </select>
        </label>
        <div className="field">
          <span>Timeframes</span>
          <div className="segmented" role="group" aria-label="Timeframes">
            {TIMEFRAMES.map((timeframe) => (
              <button
                key={timeframe}
                type="button"
                aria-pressed={timeframes.includes(timeframe)}
                onClick={() => toggle(timeframe)}
                data-testid={`download-timeframe-${timeframe}`}
              >
                {timeframe}
              </button>
            ))}
          </div>
        </div>
        <DayField
          label="From"
          value={from}
          problem={problems.from}
          onChange={(text) => {
            edit();
            setDays({ from: text, to });
          }}
        />
        <DayField
          label="To"
          value={to}
          problem={problems.to}
          onChange={(text) => {
            edit();
            setDays({ from, to: text });
          }}
        />
        <div className="field">
          <span>Last</span>
          <div className="segmented" role="group" aria-label="Last">
            {DOWNLOAD_PRESETS.map(({ label, days: length }) => {
              const preset = presetDays(length, now);
              return (
                <button
                  key={label}
                  type="button"
                  aria-pressed={preset.from === from && preset.to === to}
                  onClick={() => {
                    edit();
                    setDays(preset);
                  }}
                  data-testid={`download-last-${length}`}
                >
                  {label}
                </button>
              );
            })}
          </div>
        </div>
      </div>
      <div className="history-row">
        <Button type="submit" tone="primary" disabled={pending || now === 0} data-testid="download-start">
          {pending ? 'Starting…' : 'Download'}
        </Button>
        <ModeBadge mode={bootstrap.mode} />
        {checked.ok && (
          <span className="dim num" title="What is stored already is gone through, not fetched again">
            {formatNumber(candlesOf(checked.request, now), 0)} candles
          </span>
        )}
        {(problems.timeframes ?? problems.from ?? problems.to ?? refusal) !== undefined && (
          <span className="down" role="alert" data-testid="download-problem">
            {problems.timeframes ?? problems.from ?? problems.to ?? refusal}
          </span>
        )}
      </div>
    </form>
  );
}

interface DayFieldProps {
  readonly label: string;
  readonly value: string;
  readonly problem: string | undefined;
  readonly onChange: (text: string) => void;
}

function DayField({ label, value, problem, onChange }: DayFieldProps) {
  return (
    <label className="field history-day">
      <span>{label} (UTC)</span>
      <input
        className="input num"
        placeholder="2020-04-26"
        autoComplete="off"
        maxLength={10}
        value={value}
        aria-invalid={problem !== undefined}
        title={problem}
        onChange={(event) => onChange(event.target.value.trim())}
        data-testid={`download-${label.toLowerCase()}`}
      />
    </label>
  );
}
