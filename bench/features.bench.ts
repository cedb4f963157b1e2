import { openReport } from './bench-runner.ts';
import { benchBaseInput } from './features/base-input.ts';
import { benchHeatmap } from './features/heatmap.ts';
import { benchIndicators } from './features/indicators.ts';
import { benchMicrostructure } from './features/microstructure.ts';
import { benchPivots } from './features/pivots.ts';

// bench: --expose-gc
/** What models and charts are fed with, each part in a file of its own under `features/`. */
const report = openReport('features');
await benchIndicators(report);
await benchPivots(report);
benchHeatmap(report);
await benchMicrostructure(report);
await benchBaseInput(report);
// The database's threads would keep the process.
process.exit(0);
