import { z } from 'zod';
import { ok, type Result } from '../../../core/base/result.ts';
import { historyJobSchema } from '../../../core/contracts/history-jobs.ts';
import type { SettingsRepository } from '../../ports/store.ts';

const KEY = 'history.jobs';

const savedJobSchema = historyJobSchema.pick({
  id: true,
  symbol: true,
  timeframes: true,
  from: true,
  to: true,
  state: true,
  message: true,
  createdAt: true,
});
/** What is kept of a download: its progress is what is stored. */
export type SavedJob = z.infer<typeof savedJobSchema>;

/** The downloads of the last session, oldest first; those that this program cannot read are left out. */
export async function readJobs(settings: SettingsRepository): Promise<Result<SavedJob[]>> {
  const stored = await settings.get(KEY);
  if (!stored.ok) return stored;
  if (!Array.isArray(stored.value)) return ok([]);
  return ok(
    stored.value.flatMap((value) => {
      const parsed = savedJobSchema.safeParse(value);
      return parsed.success ? [parsed.data] : [];
    }),
  );
}

export async function saveJobs(settings: SettingsRepository, jobs: readonly SavedJob[]): Promise<Result<void>> {
  return settings.set(
    KEY,
    jobs.map((job) => savedJobSchema.parse(job)),
  );
}
