import { fail, ok, type Result } from '../core/base/result.ts';

/**
 * A scripted misbehaviour of the exchange, at a market time:
 * `gap` one depth update per symbol is lost; `crossed` one depth update per symbol carries a bid above the best ask;
 * `close` every connection is closed; `stop` no stream says anything for a while.
 */
export type FaultKind = 'gap' | 'crossed' | 'close' | 'stop';

export interface Fault {
  readonly kind: FaultKind;
  readonly at: number;
  /** Market milliseconds; 0 for what happens once. */
  readonly durationMs: number;
}

const SHAPE = /^(?<kind>gap|crossed|close|stop)@(?<at>\+?[^ ]+?)(?: for (?<duration>[^ ]+))?$/;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/**
 * Reads `gap@2020-04-26T00:01:00Z`, `close@+30s` (after `base`) or `stop@+1m for 10s`. Times are market times.
 * Fails with LAB_FAULT_INVALID.
 */
export function parseFault(text: string, base: number): Result<Fault> {
  const groups = SHAPE.exec(text.trim())?.groups;
  const kind = groups?.['kind'] as FaultKind | undefined;
  const atText = groups?.['at'] ?? '';
  const at = atText.startsWith('+') ? addTo(base, parseDuration(atText.slice(1))) : Date.parse(atText);
  const durationText = groups?.['duration'];
  const duration = durationText === undefined ? 0 : parseDuration(durationText);
  if (kind === undefined || !Number.isFinite(at) || duration === undefined || (kind === 'stop') !== duration > 0) {
    return fail(
      'LAB_FAULT_INVALID',
      `"${text}" is not a fault: write gap@T, crossed@T, close@T or stop@T for D, with T a UTC time or +D after the start and D like 500ms, 30s, 2m or 1h`,
    );
  }
  return ok({ kind, at: at as number, durationMs: duration });
}

function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  return match === null ? undefined : Number(match[1]) * (UNIT_MS[match[2] as string] as number);
}

function addTo(base: number, duration: number | undefined): number {
  return duration === undefined ? Number.NaN : base + duration;
}

/** The faults that are still to come, and whether each applies now. */
export class FaultScript {
  readonly #pending: Fault[] = [];
  #silentUntil = Number.NEGATIVE_INFINITY;

  add(fault: Fault): void {
    this.#pending.push(fault);
    this.#pending.sort((a, b) => a.at - b.at);
  }

  /** Takes the faults that have come due. */
  due(now: number): readonly Fault[] {
    let count = 0;
    while (count < this.#pending.length && (this.#pending[count] as Fault).at <= now) count++;
    const due = this.#pending.splice(0, count);
    for (const fault of due) {
      if (fault.kind === 'stop') this.#silentUntil = Math.max(this.#silentUntil, fault.at + fault.durationMs);
    }
    return due;
  }

  /** Whether the streams are to say nothing now. */
  silent(now: number): boolean {
    return now < this.#silentUntil;
  }
}
