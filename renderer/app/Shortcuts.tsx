import { useOverlays } from '../stores/overlays.ts';
import { Dialog } from '../ui/Dialog.tsx';
import { useDeskCommands } from './desk-commands.ts';

export function Keys({ shortcut }: { readonly shortcut: string }) {
  return (
    <span className="keys">
      {(shortcut === '+' ? ['+'] : shortcut.split('+')).map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
    </span>
  );
}

/** Keys that a panel handles itself while it has the focus. */
const IN_PANELS: readonly { readonly label: string; readonly keys: string }[] = [
  { label: 'Chart: annotate a long, a short trade, then drag', keys: 'L / S' },
  { label: 'Chart: back to the cursor', keys: 'V / Esc' },
  { label: 'Chart: snap to open, high, low, close', keys: 'M' },
  { label: 'Chart: indicators', keys: 'I' },
  { label: 'Chart: the order book behind the candles', keys: 'H' },
  { label: 'Chart: footprint, volume profile', keys: 'F / P' },
  { label: 'Chart: delete the selected annotation', keys: 'Delete' },
  { label: 'Chart: undo, redo an annotation', keys: 'Ctrl+Z / Ctrl+Shift+Z' },
  { label: 'Chart: timeframe 1s, 1m, 5m, 15m, 1h, 4h, 1d', keys: '1 / 2 / 3 / 4 / 5 / 6 / 7' },
  { label: 'Chart: pan, zoom', keys: '← / → / + / −' },
  { label: 'Chart: newest candle', keys: 'End' },
  { label: 'Order flow: pan, zoom, newest bar', keys: '← / → / + / − / End' },
  { label: 'Replay: play or pause, one event', keys: 'Space / .' },
  { label: 'Replay: one second, one minute on, one minute back', keys: '→ / Shift+→ / ←' },
  { label: 'Annotations: walk through the trades', keys: '↑ / ↓' },
  { label: 'Order book: move between prices', keys: '↑ / ↓' },
  { label: 'Venues: move, open, close', keys: '↑ / ↓ / → / ←' },
  { label: 'Data quality: next stretch, pan, zoom', keys: '← / → / Shift+← / + / −' },
  { label: 'Ticket: submit, clear', keys: 'Enter / Esc' },
];

export function Shortcuts() {
  const commands = useDeskCommands();
  const close = useOverlays((state) => state.close);
  return (
    <Dialog title="Keyboard shortcuts" onClose={close} testId="shortcuts">
      <dl className="shortcut-list">
        {commands.map(
          ({ id, label, shortcut }) =>
            shortcut !== undefined && (
              <div key={id}>
                <dt>{label}</dt>
                <dd>
                  <Keys shortcut={shortcut} />
                </dd>
              </div>
            ),
        )}
        {IN_PANELS.map(({ label, keys }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>
              {keys.split(' / ').map((shortcut) => (
                <Keys key={shortcut} shortcut={shortcut} />
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
