import { useEffect } from 'react';
import { IndicatorsDialog } from '../panels/chart/IndicatorsDialog.tsx';
import { OpenReplay } from '../panels/replay/OpenReplay.tsx';
import { SymbolDialog } from '../panels/symbols/SymbolDialog.tsx';
import { type Confirmation, useOverlays } from '../stores/overlays.ts';
import { type Toast, useToasts } from '../stores/toasts.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { Icon } from '../ui/Icon.tsx';
import { CommandPalette } from './CommandPalette.tsx';
import { Shortcuts } from './Shortcuts.tsx';

const INFO_TOAST_MS = 5_000;

/** Everything that lies over the workspace. */
export function Overlays() {
  const open = useOverlays((state) => state.open);
  const confirmation = useOverlays((state) => state.confirmation);
  const busy = useOverlays((state) => state.busy);
  return (
    <>
      {open === 'palette' && <CommandPalette />}
      {open === 'shortcuts' && <Shortcuts />}
      {open === 'replay' && <OpenReplay />}
      {open === 'indicators' && <IndicatorsDialog />}
      {open === 'symbols' && <SymbolDialog />}
      {open === 'confirm' && confirmation !== undefined && <Confirm confirmation={confirmation} />}
      {busy !== undefined && (
        <div className="busy" role="alertdialog" aria-modal="true" aria-label={busy} data-testid="busy">
          <div className="busy-box">
            <strong>{busy}</strong>
            <div className="indeterminate" role="progressbar" aria-label={busy} />
            <Button onClick={() => useOverlays.getState().setBusy(undefined)}>Hide</Button>
          </div>
        </div>
      )}
      <Toasts />
    </>
  );
}

function Confirm({ confirmation }: { readonly confirmation: Confirmation }) {
  const close = useOverlays((state) => state.close);
  return (
    <Dialog title={confirmation.title} onClose={close} testId="confirm-dialog">
      {confirmation.paragraphs.map((text) => (
        <p key={text}>{text}</p>
      ))}
      <div className="dialog-actions">
        <Button onClick={close} data-testid="confirm-cancel">
          Cancel
        </Button>
        <Button
          tone={confirmation.danger ? 'danger' : 'primary'}
          data-autofocus
          onClick={() => {
            close();
            confirmation.onConfirm();
          }}
          data-testid="confirm-accept"
        >
          {confirmation.confirmLabel}
        </Button>
      </div>
    </Dialog>
  );
}

function Toasts() {
  const toasts = useToasts((state) => state.toasts);
  return (
    <div className="toasts" aria-live="polite">
      {toasts.map((toast) => (
        <ToastCard key={toast.id} toast={toast} />
      ))}
    </div>
  );
}

function ToastCard({ toast }: { readonly toast: Toast }) {
  const dismiss = useToasts((state) => state.dismiss);
  useEffect(() => {
    if (toast.level === 'error') return;
    const timer = setTimeout(() => dismiss(toast.id), INFO_TOAST_MS);
    return () => clearTimeout(timer);
  }, [toast, dismiss]);
  return (
    <div
      className={`toast toast-${toast.level}`}
      role={toast.level === 'error' ? 'alert' : 'status'}
      data-testid={`toast-${toast.level}`}
    >
      <div>
        <strong>{toast.title}</strong>
        <p>{toast.text}</p>
      </div>
      <button type="button" className="toast-close" aria-label="Dismiss" onClick={() => dismiss(toast.id)}>
        <Icon name="close" />
      </button>
    </div>
  );
}
