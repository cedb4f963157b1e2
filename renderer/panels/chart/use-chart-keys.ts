import { type RefObject, useEffect } from 'react';
import { TIMEFRAMES } from '../../../core/market/timeframe.ts';
import { useDesk } from '../../app/desk-context.ts';
import { useAnnotations } from '../../stores/annotations.ts';
import { useOverlays } from '../../stores/overlays.ts';
import { useSelection } from '../../stores/selection.ts';
import { isPopoverOpen } from '../../ui/Popover.tsx';
import { type ChartSettings, nextProfile } from './chart-settings.ts';
import { openIndicators } from './indicator-dialog.ts';
import type { ChartHandle } from './use-chart.ts';

const PAN_BARS = 10;

/** The chart's keys. They act wherever the focus is, except in a field or a dialog. */
export function useChartKeys(
  chart: RefObject<ChartHandle | undefined>,
  settings: ChartSettings,
  change: (change: Partial<ChartSettings>) => void,
): void {
  const { client } = useDesk();
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const { open, busy } = useOverlays.getState();
      if (event.defaultPrevented || open !== undefined || busy !== undefined || isTyping(event.target) || isPopoverOpen()) return;
      const action = actionOf(event, chart, settings, change);
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    const actionOf = (event: KeyboardEvent, ...rest: [typeof chart, ChartSettings, typeof change]): (() => void) | undefined => {
      const annotations = useAnnotations.getState();
      const key = event.key.toLowerCase();
      if ((event.ctrlKey || event.metaKey) && !event.altKey) {
        if (key === 'z') return () => void (event.shiftKey ? annotations.redo(client) : annotations.undo(client));
        if (key === 'y') return () => void annotations.redo(client);
        return undefined;
      }
      if (event.altKey || event.shiftKey) return undefined;
      return plainAction(event.key, ...rest);
    };
    const plainAction = (
      key: string,
      handle: typeof chart,
      current: ChartSettings,
      apply: typeof change,
    ): (() => void) | undefined => {
      const { setTool } = useAnnotations.getState();
      const onButton = document.activeElement instanceof HTMLButtonElement;
      switch (key) {
        case 'v':
          return () => setTool('cursor');
        case 'l':
          return () => setTool('long');
        case 's':
          return () => setTool('short');
        case 'i':
          return () => openIndicators(undefined);
        case 'h':
          return () => apply({ heatmap: !current.heatmap });
        case 'f':
          return () => apply({ footprint: !current.footprint });
        case 'p':
          return () => apply({ profile: nextProfile(current.profile) });
        case 'm':
          return () => apply({ snap: !current.snap });
        case 'Delete':
        case 'Backspace':
          return () => deleteSelected(client);
        case 'Escape':
          return () => {
            if (handle.current?.cancelGesture() === true) return;
            if (useAnnotations.getState().tool !== 'cursor') setTool('cursor');
            else useSelection.getState().selectAnnotation(undefined);
          };
        case 'ArrowLeft':
          return onButton ? undefined : () => handle.current?.pan(-PAN_BARS);
        case 'ArrowRight':
          return onButton ? undefined : () => handle.current?.pan(PAN_BARS);
        case '+':
        case '=':
          return () => handle.current?.zoom(0.8);
        case '-':
          return () => handle.current?.zoom(1.25);
        case 'End':
          return () => handle.current?.scrollToNewest();
        case '1':
        case '2':
        case '3':
        case '4':
        case '5':
        case '6':
        case '7': {
          const timeframe = TIMEFRAMES[Number(key) - 1];
          return timeframe === undefined ? undefined : () => apply({ timeframe });
        }
        default:
          return undefined;
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [client, chart, settings, change]);
}

export function deleteSelected(client: Parameters<ReturnType<typeof useAnnotations.getState>['change']>[0]): void {
  const { selectedAnnotationId, selectAnnotation } = useSelection.getState();
  const { byId, change } = useAnnotations.getState();
  const annotation = selectedAnnotationId === undefined ? undefined : byId?.get(selectedAnnotationId);
  if (annotation === undefined) return;
  selectAnnotation(undefined);
  void change(client, { before: annotation, after: undefined });
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.closest('input, textarea, select, dialog, [role="dialog"]') !== null)
  );
}
