import { useState } from 'react';
import type { Annotation } from '../../../core/contracts/annotations.ts';
import { useDesk } from '../../app/desk-context.ts';
import { useAnnotations } from '../../stores/annotations.ts';
import { formatDateTime } from '../../ui/format.ts';

const MOST_CHARACTERS = 500;

/** Why the trade was worth taking, in the trader's words. Saved on Enter and when the field is left; Escape takes it back. */
export function NoteField({ annotation }: { readonly annotation: Annotation }) {
  const { client } = useDesk();
  const change = useAnnotations((state) => state.change);
  const [text, setText] = useState(annotation.note);

  function save(): void {
    const note = text.trim();
    const before = useAnnotations.getState().byId?.get(annotation.id);
    if (before === undefined || before.note === note) return;
    void change(client, { before, after: { ...before, note, updatedAt: Date.now() } });
  }

  return (
    <input
      className="annotation-note-field"
      aria-label={`Note on the ${annotation.direction} of ${formatDateTime(annotation.entry.time)}`}
      placeholder="Add a note…"
      maxLength={MOST_CHARACTERS}
      value={text}
      title={text === '' ? undefined : text}
      onChange={(event) => setText(event.target.value)}
      onBlur={save}
      onKeyDown={(event) => {
        if (event.key === 'Enter') save();
        if (event.key === 'Escape') setText(annotation.note);
      }}
      data-testid="annotation-note"
    />
  );
}
