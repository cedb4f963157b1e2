import { useSelection } from '../../stores/selection.ts';
import { useSymbolInfo } from '../../stores/watchlist.ts';
import { decimalsOf } from '../../ui/format.ts';
import { Toggle } from '../../ui/Toggle.tsx';
import { type ChartSettings, PROFILES, ROW_TICKS } from './chart-settings.ts';
import { Layer } from './Layer.tsx';

const PROFILE_NAMES: Readonly<Record<ChartSettings['profile'], string>> = {
  off: 'Off',
  visible: 'In view',
  session: 'Session (00:00 UTC)',
};

/** Footprint and volume profile in the menu of layers. */
export function FlowLayers({
  settings,
  onChange,
}: {
  readonly settings: ChartSettings;
  readonly onChange: (change: Partial<ChartSettings>) => void;
}) {
  const symbol = useSelection((state) => state.symbol);
  const tickSize = useSymbolInfo(symbol)?.tickSize ?? '0.01';
  const decimals = decimalsOf(tickSize);
  return (
    <>
      <Layer label="Footprint">
        <Toggle
          isOn={settings.footprint}
          title="Sold × bought volume by price row inside each candle (F)"
          testId="footprint-toggle"
          onToggle={() => onChange({ footprint: !settings.footprint })}
        >
          Bid × ask
        </Toggle>
      </Layer>
      <Layer label="Volume profile">
        <select
          className="input"
          aria-label="Volume profile"
          title="Volume by price at the right edge (P)"
          value={settings.profile}
          onChange={(event) => onChange({ profile: PROFILES.find((known) => known === event.target.value) ?? 'off' })}
          data-testid="profile-choice"
        >
          {PROFILES.map((profile) => (
            <option key={profile} value={profile}>
              {PROFILE_NAMES[profile]}
            </option>
          ))}
        </select>
      </Layer>
      <Layer label="Price rows">
        <select
          className="input"
          aria-label="Height of a price row"
          title="Height of a row of the footprint and the profile"
          value={settings.rowTicks}
          onChange={(event) => onChange({ rowTicks: Number(event.target.value) })}
          data-testid="row-ticks"
        >
          <option value={0}>Automatic</option>
          {ROW_TICKS.map((ticks) => (
            <option key={ticks} value={ticks}>
              {(ticks * Number(tickSize)).toFixed(decimals)}
            </option>
          ))}
        </select>
      </Layer>
    </>
  );
}
