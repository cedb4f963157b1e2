import { readCheckpoint } from '../checkpoint/read-checkpoint.ts';
import { openParentPort } from '../transport/port.ts';
import { createInferenceWorker } from './inference-worker.ts';

createInferenceWorker(openParentPort(), readCheckpoint);
