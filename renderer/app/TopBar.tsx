import { useAccount } from '../stores/account.ts';
import { hasBook, useCobReadout } from '../stores/cob.ts';
import { useOverlays } from '../stores/overlays.ts';
import { useSelection } from '../stores/selection.ts';
import { useSystem } from '../stores/system.ts';
import { usePriceDecimals } from '../stores/watchlist.ts';
import { Button } from '../ui/Button.tsx';
import { formatNumber } from '../ui/format.ts';
import { Icon } from '../ui/Icon.tsx';
import { ModeBadge } from '../ui/ModeBadge.tsx';
import { Brand } from './Brand.tsx';
import { useActions } from './actions.ts';
import { useDesk } from './desk-context.ts';
import { PRACTICE_SPEEDS } from './desk-commands.ts';
import { SymbolSwitcher } from './SymbolSwitcher.tsx';

export function TopBar() {
  const { bootstrap, theme } = useDesk();
  const actions = useActions();
  const show = useOverlays((state) => state.show);
  const other = bootstrap.mode === 'SIM' ? 'LIVE' : 'SIM';
  return (
    <header className="top-bar">
      <Brand />
      <SymbolSwitcher />
      <Price />
      <span className="top-bar-badges">
        <ModeBadge mode={bootstrap.mode} testId="mode-badge" />
        <span
          className="badge"
          title="A paper account: orders fill against the book inside this app and never reach an exchange"
          data-testid="account-badge"
        >
          PAPER
        </span>
      </span>
      {bootstrap.mode === 'SIM' && <SpeedPicker />}
      <Button
        className="top-bar-mode"
        onClick={() => actions.switchMode(other)}
        title={`Switch to ${other} market data`}
        data-testid="mode-switch"
      >
        <Icon name="swap" />
        <span className="when-roomy">Switch to</span> {other}
      </Button>
      <Button onClick={() => show('replay')} title="Play a recorded interval through the desk" data-testid="open-replay-button">
        <Icon name="replay" />
        <span className="when-roomy">Replay…</span>
        <span className="visually-hidden">Open a recording</span>
      </Button>
      <span className="spacer" />
      <KillSwitch />
      <Button
        className="palette-button"
        onClick={() => show('palette')}
        aria-label="Command palette"
        title="Command palette (Ctrl+K)"
        data-testid="palette-button"
      >
        <Icon name="search" />
        <kbd>Ctrl K</kbd>
      </Button>
      <Button
        className="button-icon"
        onClick={() => show('shortcuts')}
        aria-label="Keyboard shortcuts"
        title="Keyboard shortcuts (?)"
        data-testid="shortcuts-button"
      >
        <Icon name="help" />
      </Button>
      <Button
        className="button-icon"
        onClick={actions.toggleTheme}
        aria-label={theme === 'dark' ? 'Light theme' : 'Dark theme'}
        title={theme === 'dark' ? 'Light theme' : 'Dark theme'}
        data-testid="theme-toggle"
      >
        <Icon name={theme === 'dark' ? 'sun' : 'moon'} />
      </Button>
    </header>
  );
}

function Price() {
  const symbol = useSelection((state) => state.symbol);
  const decimals = usePriceDecimals(symbol);
  const mid = useCobReadout(({ view }) => (hasBook(view) ? formatNumber(view.mid, decimals) : undefined));
  const spread = useCobReadout(({ view }) => (hasBook(view) ? formatNumber(view.spreadBps, 1).replace('-', '−') : undefined));
  const crossed = spread?.startsWith('−') === true;
  const direction = useCobReadout((state) => state.direction);
  const title = crossed
    ? 'Middle of the merged book. Its spread is below zero: one venue bids more than another asks'
    : 'Middle of the merged book, and its spread in basis points';
  return (
    <span className="top-price" title={title} data-testid="mid-price">
      {mid === undefined ? (
        <span className="dim">no live book</span>
      ) : (
        <>
          <strong className={`num ${direction ?? ''}`}>
            <span aria-hidden="true">{direction === 'down' ? '▼' : '▲'}</span> {mid}
          </strong>
          <span className={`num ${crossed ? 'warn' : 'dim'}`}>
            <span className="top-spread">spread </span>
            {spread} bps
          </span>
        </>
      )}
    </span>
  );
}

function SpeedPicker() {
  const speed = useSystem((state) => state.status?.speed);
  const { setSpeed } = useActions();
  return (
    <div
      className="segmented"
      role="group"
      aria-label="Practice market speed"
      title="Market seconds per second"
      data-testid="speed-picker"
    >
      {PRACTICE_SPEEDS.map((choice) => (
        <button
          key={choice}
          type="button"
          aria-pressed={choice === speed}
          onClick={() => setSpeed(choice)}
          data-testid={`speed-${choice}`}
        >
          {choice}×
        </button>
      ))}
    </div>
  );
}

function KillSwitch() {
  const killSwitch = useAccount((state) => state.account?.killSwitch);
  const actions = useActions();
  const engaged = killSwitch?.engaged === true;
  return (
    <Button
      tone={engaged ? 'danger' : 'plain'}
      className="kill-switch"
      aria-pressed={engaged}
      disabled={killSwitch === undefined}
      onClick={engaged ? actions.releaseKillSwitch : actions.engageKillSwitch}
      title={
        engaged
          ? `Engaged: ${killSwitch?.reason ?? ''}. New orders are refused. Click to release.`
          : 'Cancel every open order and refuse new ones (Ctrl+Shift+K)'
      }
      data-testid="kill-switch"
    >
      <Icon name="power" />
      {engaged ? 'KILLED · release' : 'Kill switch'}
    </Button>
  );
}
