import { type ReactNode, useLayoutEffect, useRef } from 'react';
import { matchesShortcut } from './shortcut.ts';

const DIALOG_KEYS = ['Ctrl+K', '?'] as const;

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly testId?: string;
}

/**
 * A modal over the workspace: the platform keeps the focus inside and gives it back; Escape and a click outside close it.
 * The focus begins on what is marked `data-autofocus`.
 */
export function Dialog({ title, onClose, children, testId }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    dialog?.querySelector<HTMLElement>('[data-autofocus]')?.focus();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      className="dialog"
      aria-label={title}
      data-testid={testId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onKeyDown={(event) => {
        // Keys of the panels behind must not act; those that open a dialog also close it.
        if (!DIALOG_KEYS.some((shortcut) => matchesShortcut(shortcut, event))) event.stopPropagation();
      }}
      onMouseDown={(event) => {
        if (event.target === ref.current) onClose();
      }}
    >
      <div className="dialog-body">
        <h2>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}
