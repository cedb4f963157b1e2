import type { AddPanelOptions, DockviewApi, SerializedDockview } from 'dockview-react';

export type PanelId =
  | 'chart'
  | 'ladder'
  | 'orders'
  | 'annotations'
  | 'training'
  | 'system'
  | 'venues'
  | 'history'
  | 'quality'
  | 'options'
  | 'structure'
  | 'heatmap'
  | 'analysis'
  | 'flow';

export interface PanelTitle {
  readonly id: PanelId;
  readonly title: string;
  /** Where there is no digit left. */
  readonly shortcut?: string;
}

/** Every panel, in the order of the shortcuts Alt+1 … Alt+9, Alt+0. A new one is a line here, one in `panel-registry.tsx` and a place below. */
export const PANEL_TITLES: readonly PanelTitle[] = [
  { id: 'chart', title: 'Chart' },
  { id: 'ladder', title: 'Order book' },
  { id: 'orders', title: 'Orders & positions' },
  { id: 'annotations', title: 'Annotations' },
  { id: 'training', title: 'Model & training' },
  { id: 'system', title: 'System' },
  { id: 'venues', title: 'Venues' },
  { id: 'history', title: 'History' },
  { id: 'quality', title: 'Data quality' },
  { id: 'options', title: 'Options' },
  { id: 'structure', title: 'Structure', shortcut: 'Alt+M' },
  { id: 'heatmap', title: 'Heatmap', shortcut: 'Alt+H' },
  { id: 'analysis', title: 'Analysis', shortcut: 'Alt+A' },
  { id: 'flow', title: 'Order flow', shortcut: 'Alt+F' },
];

type Place = Pick<AddPanelOptions, 'initialWidth' | 'initialHeight' | 'inactive'> & {
  /** Beside which panels, the first that is there, and on which side. */
  readonly beside?: readonly PanelId[];
  readonly side?: 'left' | 'right' | 'below' | 'within';
};

/** The default layout: book | chart over orders, heatmap, order flow, market structure, venues, history, quality, options and system | annotations over training. */
function placeOf(id: PanelId, width: number, height: number): Place {
  switch (id) {
    case 'chart':
      return {};
    case 'ladder':
      return { beside: ['chart'], side: 'left', initialWidth: between(236, 0.175 * width, 380) };
    case 'annotations':
      return { beside: ['chart'], side: 'right', initialWidth: between(336, 0.235 * width, 560) };
    case 'training':
      return { beside: ['annotations'], side: 'below', initialHeight: Math.round(0.7 * height) };
    case 'orders':
      return { beside: ['chart'], side: 'below', initialHeight: between(285, 0.36 * height, 480) };
    case 'heatmap':
    case 'analysis':
    case 'flow':
    case 'structure':
    case 'venues':
    case 'history':
    case 'quality':
    case 'options':
    case 'system':
      return { beside: ['orders', 'training', 'chart'], side: 'within', inactive: true };
  }
}

const ORDER: readonly PanelId[] = [
  'chart',
  'ladder',
  'annotations',
  'training',
  'orders',
  'heatmap',
  'flow',
  'structure',
  'venues',
  'history',
  'quality',
  'options',
  'system',
];

export function buildDefaultLayout(api: DockviewApi): void {
  api.clear();
  for (const id of ORDER) addPanel(api, id);
  api.getPanel('chart')?.api.setActive();
}

/** Brings a panel to the front, at its default place if it was closed. */
export function openPanel(api: DockviewApi, id: PanelId): void {
  if (api.getPanel(id) === undefined) addPanel(api, id);
  api.getPanel(id)?.api.setActive();
}

function addPanel(api: DockviewApi, id: PanelId): void {
  const title = PANEL_TITLES.find((panel) => panel.id === id)?.title ?? id;
  const { beside = [], side = 'right', ...size } = placeOf(id, api.width, api.height);
  const referencePanel = beside.find((candidate) => api.getPanel(candidate) !== undefined);
  api.addPanel({
    id,
    component: id,
    title,
    ...size,
    ...(referencePanel === undefined ? {} : { position: { referencePanel, direction: side } }),
  });
}

/** Restores a saved layout. `false`, and nothing restored, when it is none or names panels that this version does not have. */
export function restoreLayout(api: DockviewApi, saved: unknown): boolean {
  if (!isLayout(saved)) return false;
  const known = new Set<string>(PANEL_TITLES.map((panel) => panel.id));
  if (!Object.keys(saved.panels).every((id) => known.has(id))) return false;
  try {
    api.fromJSON(saved);
    return api.totalPanels > 0;
  } catch {
    return false;
  }
}

function isLayout(saved: unknown): saved is SerializedDockview {
  if (typeof saved !== 'object' || saved === null || !('grid' in saved) || !('panels' in saved)) return false;
  return typeof saved.panels === 'object' && saved.panels !== null;
}

function between(low: number, value: number, high: number): number {
  return Math.round(Math.min(Math.max(value, low), high));
}
