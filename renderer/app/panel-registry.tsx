import type { ComponentType } from 'react';
import { AnalysisPanel } from '../panels/analysis/AnalysisPanel.tsx';
import { AnnotationsPanel } from '../panels/annotations/AnnotationsPanel.tsx';
import { ChartPanel } from '../panels/chart/ChartPanel.tsx';
import { FlowPanel } from '../panels/flow/FlowPanel.tsx';
import { HeatmapPanel } from '../panels/heatmap/HeatmapPanel.tsx';
import { HistoryPanel } from '../panels/history/HistoryPanel.tsx';
import { LadderPanel } from '../panels/ladder/LadderPanel.tsx';
import { OptionsPanel } from '../panels/options/OptionsPanel.tsx';
import { OrdersPanel } from '../panels/orders/OrdersPanel.tsx';
import { QualityPanel } from '../panels/quality/QualityPanel.tsx';
import { StructurePanel } from '../panels/structure/StructurePanel.tsx';
import { SystemPanel } from '../panels/system/SystemPanel.tsx';
import { TrainingPanel } from '../panels/training/TrainingPanel.tsx';
import { VenuesPanel } from '../panels/venues/VenuesPanel.tsx';
import type { PanelId } from './layout.ts';

/** What each panel of `PANEL_TITLES` shows. */
export const PANEL_COMPONENTS: Readonly<Record<PanelId, ComponentType>> = {
  chart: ChartPanel,
  ladder: LadderPanel,
  heatmap: HeatmapPanel,
  analysis: AnalysisPanel,
  flow: FlowPanel,
  orders: OrdersPanel,
  annotations: AnnotationsPanel,
  training: TrainingPanel,
  system: SystemPanel,
  venues: VenuesPanel,
  history: HistoryPanel,
  quality: QualityPanel,
  options: OptionsPanel,
  structure: StructurePanel,
};
