import type { ReactNode } from 'react';

interface ToggleProps {
  readonly isOn: boolean;
  readonly onToggle: () => void;
  readonly children: ReactNode;
  readonly title?: string;
  readonly testId?: string;
  readonly disabled?: boolean;
}

/** A button that stays pressed while what it names is on. */
export function Toggle({ isOn, onToggle, children, title, testId, disabled = false }: ToggleProps) {
  return (
    <button
      type="button"
      className="toggle"
      aria-pressed={isOn}
      disabled={disabled}
      title={title}
      data-testid={testId}
      onClick={onToggle}
    >
      {children}
    </button>
  );
}
