import { existsSync } from 'node:fs';
import type { Clock } from '../../../core/base/clock.ts';
import { ok, type Result } from '../../../core/base/result.ts';
import { type HistorySummary, RECORDED_MARKETS, type RecordedMarket } from '../../../core/contracts/replay.ts';
import type { Store } from '../../ports/store.ts';
import { openStore } from '../../storage/duckdb-store.ts';
import type { DeskPaths } from '../desk-paths.ts';
import { historiesIn } from './imported-replay.ts';

/**
 * Imported histories of every market, newest first. A store that nobody has open is opened for the question: no market
 * may be started meanwhile.
 */
export async function knownHistories(
  paths: DeskPaths,
  wall: Clock,
  openOf: (market: RecordedMarket) => Store | undefined,
): Promise<Result<HistorySummary[]>> {
  const histories: HistorySummary[] = [];
  for (const market of RECORDED_MARKETS) {
    const open = openOf(market);
    const path = paths.store(market);
    if (open === undefined && !existsSync(path)) continue;
    const listed = open === undefined ? await listClosed(market, path, wall) : await historiesIn(market, open);
    if (!listed.ok) return listed;
    histories.push(...listed.value);
  }
  return ok(histories.toSorted((a, b) => b.to - a.to));
}

async function listClosed(market: RecordedMarket, path: string, wall: Clock): Promise<Result<HistorySummary[]>> {
  const store = await openStore({ path, wall, flushMs: 1_000, batchRows: 1_000 });
  if (!store.ok) return store;
  try {
    return await historiesIn(market, store.value);
  } finally {
    await store.value.close();
  }
}
