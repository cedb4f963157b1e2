import { constants, setPriority } from 'node:os';
import { openParentPort } from '../transport/port.ts';
import { createTrainingWorker } from './training-worker.ts';

// Training takes all the processor time that it can get; whatever the trader does comes first.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
createTrainingWorker(openParentPort());
