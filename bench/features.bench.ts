import { openReport } from './bench-runner.ts';
import { benchHeatmap } from './features/heatmap.ts';
import { benchIndicators } from './features/indicators.ts';
import { benchMicrostructure } from './features/microstructure.ts';
import { benchPivots } from './features/pivots.ts';

/** What models and charts are fed with, each part in a file of its own under `features/`. */
const report = openReport('features');
await benchIndicators(report);
await benchPivots(report);
benchHeatmap(report);
await benchMicrostructure(report);
