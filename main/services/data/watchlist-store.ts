import { z } from 'zod';
import { sourceSchema } from '../../../core/contracts/watchlist.ts';
import { symbolSchema } from '../../../core/contracts/primitives.ts';
import { ok, type Result } from '../../../core/base/result.ts';
import type { SourceName } from '../../../core/market/instrument.ts';
import type { Log } from '../../ports/log.ts';
import type { SettingsRepository, StoreFailure } from '../../ports/store.ts';

const KEY = 'market.watchlist';

/** What is to be followed of one symbol. The first source is its primary and has the symbol's own name. */
export interface FollowRequest {
  readonly symbol: string;
  /** Quote units. */
  readonly bucketWidth: number;
  /** Quote units; five buckets when absent. */
  readonly imbalanceRange?: number | undefined;
  readonly sources: readonly SourceName[];
}

const requestsSchema = z
  .array(
    z.object({
      symbol: symbolSchema,
      bucketWidth: z.number().positive(),
      imbalanceRange: z.number().positive().optional(),
      sources: z.array(sourceSchema).min(1),
    }),
  )
  .min(1);

/** The trader's own list when there is one, else the configuration's. One that cannot be read is said so and left alone. */
export async function loadWatchlist(
  settings: SettingsRepository,
  configured: readonly FollowRequest[],
  log: Log,
): Promise<Result<readonly FollowRequest[], StoreFailure>> {
  const stored = await settings.get(KEY);
  if (!stored.ok) return stored;
  if (stored.value === undefined || stored.value === null) return ok(configured);
  const parsed = requestsSchema.safeParse(stored.value);
  if (parsed.success) {
    return ok(
      parsed.data.map((request) => ({
        ...request,
        imbalanceRange: configured.find(({ symbol }) => symbol === request.symbol)?.imbalanceRange ?? request.imbalanceRange,
      })),
    );
  }
  log.warn({ reason: z.prettifyError(parsed.error) }, 'the saved watchlist cannot be read; the one in config.yaml is used');
  return ok(configured);
}

export function saveWatchlist(
  settings: SettingsRepository,
  requests: readonly FollowRequest[],
): Promise<Result<void, StoreFailure>> {
  return settings.set(KEY, requests);
}
