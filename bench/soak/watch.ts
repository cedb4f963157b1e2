import type { SystemStatus, VenueHealth } from '../../core/contracts/system.ts';

/** How one source fared. */
export interface SourceRecord {
  readonly key: string;
  readonly venue: VenueHealth['venue'];
  readonly symbol: string;
  reports: number;
  liveReports: number;
  /** Longest run of reports without a live book, in wall milliseconds. */
  longestOutMs: number;
  outSince: number | undefined;
  last: VenueHealth;
  /** Each text of the status that told of missing trades, once. */
  readonly told: Set<string>;
}

/** Collects what the status tells, once a second. */
export class SoakWatch {
  readonly sources = new Map<string, SourceRecord>();
  readonly delaysP99: number[] = [];
  /** How long market data waited for the disk, wall milliseconds. */
  readonly storeWaitsMs: number[] = [];
  readonly notices = new Set<string>();
  latest: SystemStatus | undefined;

  onStatus(status: SystemStatus, wallMs: number): void {
    this.latest = status;
    this.delaysP99.push(status.mainProcess.eventLoopDelayMsP99);
    this.storeWaitsMs.push(status.store.waitingMs ?? 0);
    for (const { level, text } of status.notices) if (level !== 'info') this.notices.add(text);
    for (const health of status.venues) this.#note(health, wallMs);
  }

  get allLive(): boolean {
    return this.sources.size > 0 && [...this.sources.values()].every(({ last }) => last.book === 'live');
  }

  #note(health: VenueHealth, wallMs: number): void {
    const key = `${health.venue}:${health.symbol}`;
    let record = this.sources.get(key);
    if (record === undefined) {
      const { venue, symbol } = health;
      record = {
        key,
        venue,
        symbol,
        reports: 0,
        liveReports: 0,
        longestOutMs: 0,
        outSince: undefined,
        last: health,
        told: new Set(),
      };
      this.sources.set(key, record);
    }
    record.last = health;
    record.reports++;
    if (health.book === 'live') {
      record.liveReports++;
      record.outSince = undefined;
    } else {
      record.outSince ??= wallMs;
      record.longestOutMs = Math.max(record.longestOutMs, wallMs - record.outSince);
    }
    if (health.tradeHole !== undefined) record.told.add(health.tradeHole);
  }
}
