import { HORIZONS_MIN } from '../../../core/contracts/learning.ts';
import { PIVOT_LEVEL_NUMBERS } from '../../../core/contracts/structure.ts';
import { type HeatmapSettings, METRIC_LABELS, metricOf } from '../../charts/heatmap-settings.ts';
import { Popover } from '../../ui/Popover.tsx';
import { Toggle } from '../../ui/Toggle.tsx';
import { type ChartSettings, toggleHorizon } from './chart-settings.ts';
import { FlowLayers } from './FlowLayers.tsx';
import { Layer } from './Layer.tsx';

interface LayersMenuProps {
  readonly settings: ChartSettings;
  readonly onChange: (change: Partial<ChartSettings>) => void;
  readonly heatmap: HeatmapSettings;
  readonly onHeatmap: (change: Partial<HeatmapSettings>) => void;
}

/** What is drawn behind and over the candles. A layer of the chart that can be switched has a row here. */
export function LayersMenu({ settings, onChange, heatmap, onHeatmap }: LayersMenuProps) {
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
            <Toggle
              key={horizon}
              isOn={settings.horizons.includes(horizon)}
              title={`Predictions ${horizon} ${horizon === 1 ? 'minute' : 'minutes'} ahead`}
              testId={`horizon-${horizon}`}
              onToggle={() => onChange({ horizons: toggleHorizon(settings.horizons, horizon) })}
            >
              +{horizon}m
            </Toggle>
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
      <Layer label="Trades">
        <Toggle
          isOn={settings.largeTrades}
          title="Trades of any source that were large when they came: the newest 1,000, the area is the value"
          testId="layer-large-trades"
          onToggle={() => onChange({ largeTrades: !settings.largeTrades })}
        >
          Large trades
        </Toggle>
      </Layer>
      <Layer label="Order book">
        <span className="layer-choices" role="group" aria-label="The order book behind the candles">
          <Toggle
            isOn={settings.heatmap}
            title="The heatmap of the merged order book behind the candles (H)"
            testId="layer-heatmap"
            onToggle={() => onChange({ heatmap: !settings.heatmap })}
          >
            Heatmap
          </Toggle>
          <Toggle
            isOn={settings.heatmapTrades}
            disabled={!settings.heatmap}
            title="What was bought and sold, as bubbles at its mean price; the area is the value"
            testId="layer-trades"
            onToggle={() => onChange({ heatmapTrades: !settings.heatmapTrades })}
          >
            Trades
          </Toggle>
          <Toggle
            isOn={settings.heatmapMid}
            disabled={!settings.heatmap}
            title="The middle of the merged book"
            testId="layer-mid"
            onToggle={() => onChange({ heatmapMid: !settings.heatmapMid })}
          >
            Mid
          </Toggle>
        </span>
      </Layer>
      {settings.heatmap && (
        <>
          <Layer label="Opacity">
            <input
              type="range"
              aria-label="Opacity of the heatmap"
              min={0.1}
              max={1}
              step={0.05}
              value={settings.heatmapOpacity}
              onChange={(event) => onChange({ heatmapOpacity: Number(event.target.value) })}
              data-testid="layer-opacity"
            />
          </Layer>
          <Layer label="Colours">
            <select
              className="input"
              aria-label="What the colours show"
              title="As in the Heatmap panel"
              value={metricOf(heatmap)}
              onChange={(event) => onHeatmap({ metric: event.target.value })}
              data-testid="layer-metric"
            >
              {METRIC_LABELS.map(([value, label]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </select>
          </Layer>
          <Layer label="Gamma">
            <input
              type="range"
              aria-label="Gamma of the colours"
              title="To the left faint volume shows more. As in the Heatmap panel, which also chooses the venues"
              min={0.2}
              max={1.6}
              step={0.1}
              value={heatmap.gamma}
              onChange={(event) => onHeatmap({ gamma: Number(event.target.value) })}
            />
          </Layer>
        </>
      )}
      <FlowLayers settings={settings} onChange={onChange} />
    </Popover>
  );
}
