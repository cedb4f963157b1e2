import { HeatmapColumns } from '../charts/heatmap-model.ts';
import type { DeskClient } from '../ipc/desk-client.ts';

/** The start of the second that was told, or that all are new. */
export type HeatmapChange = number | 'all';

interface Shared {
  readonly client: DeskClient;
  readonly symbol: string;
  readonly columns: HeatmapColumns;
  readonly listeners: Set<(change: HeatmapChange) => void>;
  end: () => void;
}

/** Whoever shows the book of a symbol's newest seconds reads the same ones: they come ten times a second. */
const shared = new Set<Shared>();

/** The seconds of a symbol for as long as somebody follows them. `end` when done. */
export function followHeatmap(
  client: DeskClient,
  symbol: string,
  listener: (change: HeatmapChange) => void,
): { readonly columns: HeatmapColumns; readonly end: () => void } {
  const followed =
    [...shared].find((candidate) => candidate.client === client && candidate.symbol === symbol) ?? open(client, symbol);
  followed.listeners.add(listener);
  return {
    columns: followed.columns,
    end: () => {
      if (!followed.listeners.delete(listener) || followed.listeners.size > 0) return;
      followed.end();
      shared.delete(followed);
    },
  };
}

function open(client: DeskClient, symbol: string): Shared {
  const followed: Shared = { client, symbol, columns: new HeatmapColumns(), listeners: new Set(), end: () => {} };
  const subscribe = (): void => {
    followed.end = client.subscribe('heatmap', { symbol }, (event, gap) => {
      if (gap && event.kind === 'column') {
        // Seconds were left out: a new subscription begins with all of them.
        followed.end();
        subscribe();
        return;
      }
      followed.columns.take(event);
      const change = event.kind === 'snapshot' ? 'all' : event.column.time;
      for (const listener of followed.listeners) listener(change);
    });
  };
  shared.add(followed);
  subscribe();
  return followed;
}
