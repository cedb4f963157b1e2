import { openReport } from './bench-runner.ts';
import { benchPivots } from './features/pivots.ts';

/** What models and charts are fed with, each part in a file of its own under `features/`. */
const report = openReport('features');
await benchPivots(report);
