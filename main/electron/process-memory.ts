import { app } from 'electron';

/** Resident memory of every process of the app, in MB, by what the process does. */
export function electronMemory(): Promise<Record<string, number>> {
  const memory: Record<string, number> = {};
  for (const metric of app.getAppMetrics()) {
    const name =
      metric.type === 'Browser'
        ? 'main'
        : metric.type === 'Tab'
          ? 'renderer'
          : (metric.name ?? metric.serviceName ?? metric.type).toLowerCase();
    memory[name] = Math.round((memory[name] ?? 0) + metric.memory.workingSetSize / 1024);
  }
  return Promise.resolve(memory);
}
