import { useOverlays } from '../stores/overlays.ts';
import { useSelection } from '../stores/selection.ts';
import { useSymbols } from '../stores/watchlist.ts';
import { Button } from '../ui/Button.tsx';
import { Icon } from '../ui/Icon.tsx';

/** As many buttons as fit into a small window; more symbols are chosen from a list. */
const MOST_BUTTONS = 2;

export function SymbolSwitcher() {
  const symbols = useSymbols();
  const symbol = useSelection((state) => state.symbol);
  const selectSymbol = useSelection((state) => state.selectSymbol);
  return (
    <span className="symbol-switcher">
      {symbols.length <= MOST_BUTTONS ? (
        <div className="segmented" role="group" aria-label="Symbol" data-testid="symbol-picker">
          {symbols.map((known) => (
            <button
              key={known.symbol}
              type="button"
              aria-pressed={known.symbol === symbol}
              onClick={() => selectSymbol(known.symbol)}
            >
              {known.symbol}
            </button>
          ))}
        </div>
      ) : (
        <select
          className="input"
          aria-label="Symbol"
          value={symbol}
          onChange={(event) => selectSymbol(event.target.value)}
          data-testid="symbol-picker"
        >
          {symbols.map((known) => (
            <option key={known.symbol}>{known.symbol}</option>
          ))}
        </select>
      )}
      <Button
        className="button-icon"
        onClick={() => useOverlays.getState().show('symbols')}
        aria-label="Symbols and venues"
        title="Add, change or remove symbols and venues (/)"
        data-testid="symbols-button"
      >
        <Icon name="plus" />
      </Button>
    </span>
  );
}
