import { type ReactNode, type ToggleEvent, useId, useRef } from 'react';

const CLEAR_PX = 4;
const EDGE_PX = 8;

interface PopoverProps {
  /** What the button shows. */
  readonly label: ReactNode;
  readonly title: string;
  readonly testId: string;
  readonly children: ReactNode;
}

/** A button and what it opens below itself, over everything: Escape, the button and a click elsewhere close it. */
export function Popover({ label, title, testId, children }: PopoverProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const body = useRef<HTMLDivElement>(null);

  function place(event: ToggleEvent): void {
    if (event.newState !== 'open' || button.current === null || body.current === null) return;
    const { left, bottom } = button.current.getBoundingClientRect();
    const { style } = body.current;
    style.top = `${bottom + CLEAR_PX}px`;
    style.left = `${Math.max(EDGE_PX, Math.min(left, innerWidth - body.current.offsetWidth - EDGE_PX))}px`;
    style.maxHeight = `${innerHeight - bottom - CLEAR_PX - EDGE_PX}px`;
  }

  return (
    <>
      <button
        ref={button}
        type="button"
        popoverTarget={id}
        title={title}
        aria-label={title}
        aria-haspopup="dialog"
        data-testid={testId}
      >
        {label}
      </button>
      <div
        ref={body}
        id={id}
        popover="auto"
        role="dialog"
        aria-label={title}
        className="popover"
        data-testid={`${testId}-menu`}
        onToggle={place}
      >
        {children}
      </div>
    </>
  );
}

/** While one is open, Escape is its own. */
export function isPopoverOpen(): boolean {
  return document.querySelector('.popover:popover-open') !== null;
}
