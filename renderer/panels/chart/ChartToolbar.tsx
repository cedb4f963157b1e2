import { memo } from 'react';
import { TIMEFRAMES } from '../../../core/market/timeframe.ts';
import type { AnnotationTool } from '../../annotation/gesture.ts';
import { useDesk } from '../../app/desk-context.ts';
import type { HeatmapSettings } from '../../charts/heatmap-settings.ts';
import { useAnnotations } from '../../stores/annotations.ts';
import { useSelection } from '../../stores/selection.ts';
import { Icon } from '../../ui/Icon.tsx';
import { openIndicators } from './indicator-dialog.ts';
import type { ChartSettings } from './chart-settings.ts';
import { LayersMenu } from './LayersMenu.tsx';
import { deleteSelected } from './use-chart-keys.ts';

const TOOLS: readonly { readonly tool: AnnotationTool; readonly label: string; readonly title: string }[] = [
  { tool: 'cursor', label: '↖', title: 'Select, pan and edit (V)' },
  { tool: 'long', label: '▲ Long', title: 'Annotate a long trade: press on the entry candle, drag to the exit, release (L)' },
  { tool: 'short', label: '▼ Short', title: 'Annotate a short trade: press on the entry candle, drag to the exit, release (S)' },
];

interface ChartToolbarProps {
  readonly settings: ChartSettings;
  readonly onChange: (change: Partial<ChartSettings>) => void;
  readonly heatmap: HeatmapSettings;
  readonly onHeatmap: (change: Partial<HeatmapSettings>) => void;
  readonly onNewest: () => void;
}

export const ChartToolbar = memo(function ChartToolbar({ settings, onChange, heatmap, onHeatmap, onNewest }: ChartToolbarProps) {
  const { client } = useDesk();
  const tool = useAnnotations((state) => state.tool);
  const setTool = useAnnotations((state) => state.setTool);
  const canUndo = useAnnotations((state) => state.history.done.length > 0);
  const canRedo = useAnnotations((state) => state.history.undone.length > 0);
  const undo = useAnnotations((state) => state.undo);
  const redo = useAnnotations((state) => state.redo);
  const selected = useSelection((state) => state.selectedAnnotationId !== undefined);
  return (
    <div className="chart-toolbar" role="toolbar" aria-label="Chart">
      <div className="chart-group" role="group" aria-label="Timeframe">
        {TIMEFRAMES.map((timeframe, i) => (
          <button
            key={timeframe}
            type="button"
            aria-pressed={settings.timeframe === timeframe}
            title={`${timeframe} candles (${i + 1})`}
            data-testid={`timeframe-${timeframe}`}
            onClick={() => onChange({ timeframe })}
          >
            {timeframe}
          </button>
        ))}
      </div>
      <div className="chart-group" role="group" aria-label="Annotation tool">
        {TOOLS.map((entry) => (
          <button
            key={entry.tool}
            type="button"
            className={`chart-tool chart-tool-${entry.tool}`}
            aria-pressed={tool === entry.tool}
            aria-label={entry.title}
            title={entry.title}
            data-testid={`tool-${entry.tool}`}
            onClick={() => setTool(entry.tool)}
          >
            {entry.label}
          </button>
        ))}
        <button
          type="button"
          aria-pressed={settings.snap}
          title="Snap annotation ends to open, high, low or close (M)"
          data-testid="snap"
          onClick={() => onChange({ snap: !settings.snap })}
        >
          Snap <span className="when-roomy">OHLC</span>
        </button>
      </div>
      <div className="chart-group" role="group" aria-label="Annotation changes">
        <button
          type="button"
          disabled={!canUndo}
          title="Undo (Ctrl+Z)"
          aria-label="Undo"
          data-testid="undo"
          onClick={() => void undo(client)}
        >
          ↶
        </button>
        <button
          type="button"
          disabled={!canRedo}
          title="Redo (Ctrl+Shift+Z)"
          aria-label="Redo"
          data-testid="redo"
          onClick={() => void redo(client)}
        >
          ↷
        </button>
        <button
          type="button"
          disabled={!selected}
          title="Delete the selected annotation (Delete)"
          aria-label="Delete the selected annotation"
          data-testid="delete-annotation"
          onClick={() => deleteSelected(client)}
        >
          <Icon name="bin" />
        </button>
      </div>
      <LayersMenu settings={settings} onChange={onChange} heatmap={heatmap} onHeatmap={onHeatmap} />
      <button
        type="button"
        title="Indicators: add, set and remove (I)"
        aria-label="Indicators"
        data-testid="indicators-open"
        onClick={() => openIndicators(undefined)}
      >
        <span aria-hidden="true">ƒ</span> <span className="when-roomy">Indicators</span>{' '}
        {settings.indicators.length > 0 && settings.indicators.length}
      </button>
      <button
        type="button"
        className="chart-newest"
        title="Go to the newest candle (End)"
        aria-label="Go to the newest candle"
        onClick={onNewest}
      >
        ⇥ <span className="when-roomy">Now</span>
      </button>
    </div>
  );
});
