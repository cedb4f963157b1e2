type KeyPress = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>;

/**
 * Whether a key press is the shortcut `Ctrl+Shift+K`, `Alt+1`, `?` …
 * `Ctrl` is the command key too. Digits go by place, letters by meaning, so that both work on every keyboard layout;
 * Shift is not asked for where the symbol itself implies it.
 */
export function matchesShortcut(shortcut: string, event: KeyPress): boolean {
  const parts = shortcut.split('+');
  const key = parts.pop() ?? '';
  if (parts.includes('Ctrl') !== (event.ctrlKey || event.metaKey) || parts.includes('Alt') !== event.altKey) return false;
  if (/^\d$/.test(key)) return event.code === `Digit${key}` && !event.shiftKey;
  if (!/^[A-Z]$/.test(key)) return event.key === key;
  return event.key.toUpperCase() === key && parts.includes('Shift') === event.shiftKey;
}

/**
 * Whether the focused element wants plain keys for itself. Number fields (`inputmode="decimal"`, `"numeric"`)
 * have no use for letters, so shortcuts such as Shift+B work while the cursor is in the ticket.
 */
export function takesText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement) return true;
  if (!(target instanceof HTMLInputElement)) return false;
  return (
    target.type !== 'checkbox' && target.type !== 'radio' && target.inputMode !== 'decimal' && target.inputMode !== 'numeric'
  );
}
