import { create } from 'zustand';
import { useOverlays } from '../../stores/overlays.ts';

/** The instance whose settings are open in the dialog. */
export const useIndicatorDialog = create<{ readonly selected: string | undefined }>(() => ({ selected: undefined }));

/** Opens the list of indicators; with a key, at that instance's settings. */
export function openIndicators(key: string | undefined): void {
  useIndicatorDialog.setState({ selected: key });
  useOverlays.getState().show('indicators');
}
