import type { HistoryDownload } from '../../../core/contracts/history-jobs.ts';
import { storedTimeframeOf, type Timeframe, TIMEFRAME_MS, TIMEFRAMES } from '../../../core/market/timeframe.ts';
import { dayOfText, dayText } from '../../ui/day.ts';

const DAY_MS = 86_400_000;

/** Spans that end today. */
export const DOWNLOAD_PRESETS = [
  { label: '1 week', days: 7 },
  { label: '1 month', days: 30 },
  { label: '3 months', days: 91 },
  { label: '6 months', days: 182 },
  { label: '1 year', days: 365 },
] as const;

/** As typed; dates are whole days in UTC, both included. */
export interface DownloadForm {
  readonly symbol: string;
  readonly timeframes: readonly Timeframe[];
  readonly from: string;
  readonly to: string;
}

export interface DownloadProblems {
  readonly timeframes?: string;
  readonly from?: string;
  readonly to?: string;
}

/** The last `days` days up to and with that of `now`. */
export function presetDays(days: number, now: number): { readonly from: string; readonly to: string } {
  return { from: dayText(now - (days - 1) * DAY_MS), to: dayText(now) };
}

export type CheckedDownload =
  | { readonly ok: true; readonly request: HistoryDownload }
  | { readonly ok: false; readonly problems: DownloadProblems };

/** The request that the form stands for. `now`: market time, after which there is nothing to download. */
export function checkDownload({ symbol, timeframes, from, to }: DownloadForm, now: number): CheckedDownload {
  const start = dayOfText(from);
  const last = dayOfText(to);
  const problems: { timeframes?: string; from?: string; to?: string } = {};
  if (timeframes.length === 0) problems.timeframes = 'Choose at least one timeframe.';
  if (start === undefined) problems.from = 'A day such as 2020-04-26.';
  else if (start >= now) problems.from = 'This day has not come yet.';
  if (last === undefined) problems.to = 'A day such as 2020-04-26.';
  else if (start !== undefined && last < start) problems.to = 'The last day lies before the first.';
  if (Object.keys(problems).length > 0 || start === undefined || last === undefined) return { ok: false, problems };
  const request = {
    symbol,
    timeframes: TIMEFRAMES.filter((known) => timeframes.includes(known)),
    from: start,
    to: last + DAY_MS,
  };
  return { ok: true, request };
}

/** How many candles are to be gone through; derived timeframes are downloaded as what they are made of. */
export function candlesOf({ timeframes, from, to }: Omit<HistoryDownload, 'symbol'>, now: number): number {
  const stored = new Set(timeframes.map(storedTimeframeOf));
  const length = Math.max(0, Math.min(to, now) - from);
  return [...stored].reduce((sum, timeframe) => sum + Math.floor(length / TIMEFRAME_MS[timeframe]), 0);
}
