import { readFile } from 'node:fs/promises';

/** Resident memory in MB of this process and its workers. Child figures come from /proc and are absent elsewhere. */
export async function headlessMemory(children: ReadonlyMap<string, number>): Promise<Record<string, number>> {
  const memory: Record<string, number> = { main: Math.round(process.memoryUsage.rss() / 1_048_576) };
  for (const [name, pid] of children) {
    try {
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
      if (kilobytes !== undefined) memory[name] = Math.round(Number(kilobytes) / 1024);
    } catch {
      // The worker ended meanwhile, or this is not Linux.
    }
  }
  return memory;
}
