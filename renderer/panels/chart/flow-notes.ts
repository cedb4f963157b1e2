import { create } from 'zustand';
import type { FlowNotes } from '../../charts/flow-layer.ts';

/** What footprint and profile say of what they show. It changes with the view, so it is kept out of the panel's own state. */
export const useFlowNotes = create<FlowNotes>(() => ({ footprint: undefined, profile: undefined }));

/** What says the same as before renders nothing. */
export function showNotes(notes: FlowNotes): void {
  if (JSON.stringify(notes) !== JSON.stringify(useFlowNotes.getState())) useFlowNotes.setState(notes);
}
