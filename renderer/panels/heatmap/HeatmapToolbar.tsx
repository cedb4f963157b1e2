import type { HeatmapMetric } from '../../../core/market/heatmap.ts';
import type { VenueId } from '../../../core/market/instrument.ts';
import { type HeatmapSettings, METRIC_LABELS } from '../../charts/heatmap-settings.ts';
import { Toggle } from '../../ui/Toggle.tsx';
import { venueName } from '../../ui/venue-name.ts';

const WINDOWS_SEC = [60, 120, 300] as const;
const RADII = [10, 20, 40] as const;

/** What is shown and how: saved with the window. */
export function HeatmapToolbar({
  settings,
  metric,
  venues,
  hidden,
  update,
}: {
  readonly settings: HeatmapSettings;
  readonly metric: HeatmapMetric;
  readonly venues: readonly VenueId[];
  readonly hidden: readonly string[];
  readonly update: (change: Partial<HeatmapSettings>) => void;
}) {
  function toggle(venue: VenueId): void {
    const next = hidden.includes(venue) ? hidden.filter((name) => name !== venue) : [...hidden, venue];
    // Nothing at all would be an empty picture.
    if (venues.some((known) => !next.includes(known))) update({ hidden: next.join(' ').trim() });
  }
  return (
    <>
      <select
        className="input"
        aria-label="What the colours show"
        value={metric}
        onChange={(event) => update({ metric: event.target.value })}
        data-testid="heatmap-metric"
      >
        {METRIC_LABELS.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      <select
        className="input"
        aria-label="Time shown"
        value={settings.windowSec}
        onChange={(event) => update({ windowSec: Number(event.target.value) })}
      >
        {WINDOWS_SEC.map((seconds) => (
          <option key={seconds} value={seconds}>
            {seconds / 60} min
          </option>
        ))}
      </select>
      <select
        className="input"
        aria-label="Rows to each side"
        value={settings.radius}
        onChange={(event) => update({ radius: Number(event.target.value) })}
      >
        {RADII.map((radius) => (
          <option key={radius} value={radius}>
            ±{radius} rows
          </option>
        ))}
      </select>
      <label className="heatmap-gamma" title="To the left faint volume shows more">
        <span className="dim">gamma</span>
        <input
          type="range"
          min={0.2}
          max={1.6}
          step={0.1}
          value={settings.gamma}
          onChange={(event) => update({ gamma: Number(event.target.value) })}
        />
      </label>
      <Toggle isOn={settings.mid} onToggle={() => update({ mid: !settings.mid })}>
        Mid
      </Toggle>
      <Toggle isOn={settings.trades} onToggle={() => update({ trades: !settings.trades })}>
        Trades
      </Toggle>
      <Toggle
        isOn={settings.large}
        title="Trades that were large when they came, each at its own time and price; the area is the value"
        onToggle={() => update({ large: !settings.large })}
        testId="heatmap-large"
      >
        Large trades
      </Toggle>
      <span className="heatmap-venues" role="group" aria-label="Venues">
        {venues.map((venue) => (
          <Toggle key={venue} isOn={!hidden.includes(venue)} onToggle={() => toggle(venue)} testId={`heatmap-venue-${venue}`}>
            {venueName(venue)}
          </Toggle>
        ))}
      </span>
    </>
  );
}
