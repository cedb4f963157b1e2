import { openParentPort } from '../transport/port.ts';
import { createTrainingWorker } from './training-worker.ts';

createTrainingWorker(openParentPort());
