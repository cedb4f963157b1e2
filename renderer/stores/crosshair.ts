import { create } from 'zustand';

/** The time under the pointer of one time axis, which others mark too. */
interface Crosshair {
  readonly time: number | undefined;
  readonly from: 'chart' | 'flow' | undefined;
}

export const useCrosshair = create<Crosshair>(() => ({ time: undefined, from: undefined }));

export function pointAt(from: 'chart' | 'flow', time: number | undefined): void {
  const now = useCrosshair.getState();
  // Who lost the pointer says nothing over the one that has it now.
  if (now.time === time || (time === undefined && now.from !== from)) return;
  useCrosshair.setState({ time, from: time === undefined ? undefined : from });
}
