import type { WorkerName } from '../../core/contracts/system.ts';

/** A process as the trader knows it. */
export function processLabel(name: WorkerName): string {
  return name === 'lab' ? 'practice market' : name;
}
