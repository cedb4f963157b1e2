import type { AnalysisModule } from '../../../core/analysis/module.ts';
import type { AnalysisModuleId } from '../../../core/contracts/analysis.ts';

export type AnalysisModuleLoader = (id: AnalysisModuleId) => Promise<{ create(): AnalysisModule }>;

/** Where each module is; its code is read only when it is loaded. A new module is a line here and one in `ANALYSIS_MODULES`. */
const MODULES: Readonly<Record<AnalysisModuleId, () => ReturnType<AnalysisModuleLoader>>> = {
  regime: () => import('../../../core/analysis/regime/module.ts'),
  timeframes: () => import('../../../core/analysis/timeframes/module.ts'),
  pivots: () => import('../../../core/analysis/pivots/module.ts'),
  extrema: () => import('../../../core/analysis/extrema/module.ts'),
  microstructure: () => import('../../../core/analysis/microstructure/module.ts'),
  correlation: () => import('../../../core/analysis/correlation/module.ts'),
  cob: () => import('../../../core/analysis/cob/module.ts'),
};

export const loadAnalysisModule: AnalysisModuleLoader = (id) => MODULES[id]();
