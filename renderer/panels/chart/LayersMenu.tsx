import type { ReactNode } from 'react';
import { HORIZONS_MIN } from '../../../core/contracts/learning.ts';
import { PIVOT_LEVEL_NUMBERS } from '../../../core/contracts/structure.ts';
import { Popover } from '../../ui/Popover.tsx';
import { type ChartSettings, toggleHorizon } from './chart-settings.ts';

interface LayersMenuProps {
  readonly settings: ChartSettings;
  readonly onChange: (change: Partial<ChartSettings>) => void;
}

/** What is drawn behind and over the candles. A layer of the chart that can be switched has a row here. */
export function LayersMenu({ settings, onChange }: LayersMenuProps) {
  return (
    <Popover
      label={
        <>
          <span aria-hidden="true">≣</span> Layers
        </>
      }
      title="Layers: what is drawn behind and over the candles"
      testId="layers"
    >
      <Layer label="Predictions">
        <span className="layer-choices" role="group" aria-label="Predictions shown">
          {HORIZONS_MIN.map((horizon) => (
            <button
              key={horizon}
              type="button"
              className="layer-toggle"
              aria-pressed={settings.horizons.includes(horizon)}
              title={`Predictions ${horizon} ${horizon === 1 ? 'minute' : 'minutes'} ahead`}
              data-testid={`horizon-${horizon}`}
              onClick={() => onChange({ horizons: toggleHorizon(settings.horizons, horizon) })}
            >
              +{horizon}m
            </button>
          ))}
        </span>
      </Layer>
      <Layer label="Pivots">
        <select
          className="input"
          aria-label="Pivots shown"
          title="Confirmed pivots of this level and above"
          value={settings.pivotLevel}
          onChange={(event) => onChange({ pivotLevel: Number(event.target.value) as ChartSettings['pivotLevel'] })}
          data-testid="pivot-level"
        >
          <option value={0}>Off</option>
          {PIVOT_LEVEL_NUMBERS.map((level) => (
            <option key={level} value={level}>
              {level === 5 ? 'L5' : `L${level}+`}
            </option>
          ))}
        </select>
      </Layer>
    </Popover>
  );
}

function Layer({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className="layer">
      <span className="layer-label">{label}</span>
      {children}
    </div>
  );
}
