import { Command } from 'cmdk';
import { useMemo, useState } from 'react';
import type { IndicatorDefinition } from '../../../core/analysis/indicators/indicator.ts';
import { INDICATORS } from '../../../core/analysis/indicators/registry.ts';
import { usePanelSettings } from '../../app/desk-context.ts';
import { type IndicatorInstance, knownInstances, MOST_INDICATORS, newInstance } from '../../charts/indicator-instance.ts';
import { useOverlays } from '../../stores/overlays.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { CHART_DEFAULTS } from './chart-settings.ts';
import { useIndicatorDialog } from './indicator-dialog.ts';
import { indicatorFit } from './indicator-search.ts';
import { IndicatorEditor } from './IndicatorEditor.tsx';
import './indicators.css';

const GROUPS = [
  { placement: 'overlay', title: 'On the candles' },
  { placement: 'pane', title: 'In a pane below' },
] as const;

/** Which indicators the chart shows, and how. Everything takes effect at once. */
export function IndicatorsDialog() {
  const close = useOverlays((state) => state.close);
  const selected = useIndicatorDialog((state) => state.selected);
  const [settings, change] = usePanelSettings('chart', CHART_DEFAULTS);
  const instances = useMemo(() => knownInstances(settings.indicators), [settings.indicators]);
  const [query, setQuery] = useState('');
  const isFull = instances.length >= MOST_INDICATORS;

  function add(definition: IndicatorDefinition): void {
    if (isFull) return;
    const instance = newInstance(`ind_${crypto.randomUUID()}`, definition, instances);
    change({ indicators: [...instances, instance] });
    useIndicatorDialog.setState({ selected: instance.key });
  }

  function replace(changed: IndicatorInstance): void {
    change({ indicators: instances.map((instance) => (instance.key === changed.key ? changed : instance)) });
  }

  return (
    <Dialog title="Indicators" onClose={close} testId="indicators">
      <div className="indicators">
        <Command className="indicators-find" label="Indicators" loop vimBindings={false} filter={indicatorFit}>
          <Command.Input
            data-autofocus
            className="palette-input"
            placeholder="Search indicators…"
            value={query}
            onValueChange={setQuery}
            onKeyDown={(event) => {
              if (event.key !== 'Escape' || query === '') return;
              event.preventDefault();
              event.stopPropagation();
              setQuery('');
            }}
            data-testid="indicators-search"
          />
          <Command.List className="palette-list">
            <Command.Empty>
              <div className="empty-state">
                <strong>No such indicator</strong>
                <div>Try “average”, “momentum”, “volume” or “channel”.</div>
              </div>
            </Command.Empty>
            {GROUPS.map(({ placement, title }) => (
              <Command.Group key={placement} heading={title}>
                {INDICATORS.filter((definition) => definition.placement === placement).map((definition) => (
                  <Command.Item
                    key={definition.id}
                    value={definition.name}
                    keywords={[definition.short, ...definition.keywords]}
                    disabled={isFull}
                    data-testid={`indicator-${definition.id}`}
                    onSelect={() => add(definition)}
                  >
                    <span>{definition.name}</span>
                    <span className="dim">{definition.short}</span>
                  </Command.Item>
                ))}
              </Command.Group>
            ))}
          </Command.List>
        </Command>
        <section className="indicators-present" aria-label="On the chart">
          <h3>On the chart {isFull && <span className="dim">– {MOST_INDICATORS} are the most</span>}</h3>
          {instances.length === 0 ? (
            <div className="empty-state">
              <strong>None yet</strong>
              <div>Choose one from the list; the same one can be added several times.</div>
            </div>
          ) : (
            <ul>
              {instances.map((instance) => (
                <IndicatorEditor
                  key={instance.key}
                  instance={instance}
                  isOpen={instance.key === selected}
                  onOpen={(open) => useIndicatorDialog.setState({ selected: open ? instance.key : undefined })}
                  onChange={replace}
                  onRemove={() => change({ indicators: instances.filter(({ key }) => key !== instance.key) })}
                />
              ))}
            </ul>
          )}
          <div className="dialog-actions">
            <Button onClick={close} data-testid="indicators-close">
              Close
            </Button>
          </div>
        </section>
      </div>
    </Dialog>
  );
}
