import { fail, ok, type Result } from '../../core/base/result.ts';

/** Faults that happen once, to each symbol's next depth update or to the connections. */
export const MOMENTS = [
  'gap',
  'reorder',
  'duplicate',
  'truncate',
  'malformed',
  'crossed',
  'hostile',
  'oversize',
  'close',
] as const;

/** Faults that last: silences, HTTP statuses (500 to 599 beside these two), slowness, and clocks that are off. */
export const SPELLS = ['stop', 'silent', 'half-open', '429', '418', '5xx', 'slow', 'skew', 'micros'] as const;

export type Moment = (typeof MOMENTS)[number] | 'close-at';
export type Spell = (typeof SPELLS)[number];

/**
 * A scripted misbehaviour of the exchange, at a market time.
 *
 * `gap`: one depth update per symbol is lost. `reorder`: it comes after the next. `duplicate`: it comes twice. `truncate`: its frame
 * ends in the middle. `malformed`: it is not readable. `crossed`: it carries a bid above the best ask. `hostile`: junk comes before it:
 * numbers without bound, negative sizes, deep nesting, NaN, random bytes. `oversize`: a frame larger than any client takes comes before it.
 * `close`: every connection is closed; `close-at`: a connection is closed after so many messages.
 *
 * `stop`: no stream says anything. `silent`: connections stay open and say nothing at all, answers and pings included. `half-open`: the
 * connections that are open are neither read nor written any more. `429`, `418`: requests are refused with Retry-After. `5xx`: requests
 * fail with 503. `slow`: answers come late. `skew`: the venue's clock, as told by REST and by depth updates, is off. `micros`: the
 * streams' timestamps count microseconds.
 */
export interface Fault {
  readonly kind: Moment | Spell;
  /** All venues when undefined. */
  readonly venue?: string | undefined;
  readonly at: number;
  /** Market milliseconds; 0 for what happens once. */
  readonly durationMs: number;
  /** `slow`: wall milliseconds of delay. `skew`: market milliseconds that the clock is ahead. */
  readonly byMs?: number | undefined;
  /** `close-at`: messages. */
  readonly count?: number | undefined;
}

const TIMED = /^(?:(?<venue>[a-z]+):)?(?<kind>[a-z0-9-]+)@(?<at>\S+)(?: by (?<by>-?\S+))?(?: for (?<duration>\S+))?$/;
const COUNTED = /^(?:(?<venue>[a-z]+):)?close-at:(?<count>[1-9]\d{0,8})$/;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const SLOW_BY_MS = 2_000;
const SKEW_BY_MS = 5_000;

export const FAULT_GRAMMAR = `write [VENUE:]KIND@T with KIND ${MOMENTS.join(', ')}; [VENUE:]KIND@T for D with KIND ${SPELLS.join(', ')} (slow and skew also "by D"); or [VENUE:]close-at:MESSAGES. T is 30s after the start or a UTC time like 2020-04-26T00:01:00Z, D like 500ms, 30s, 2m or 1h`;

/**
 * Reads `gap@30s` (after `base`; `gap@+30s` is the same), `close@2020-04-26T00:01:00Z`, `bybit:silent@1m for 20s`,
 * `skew@10s by -3s for 1m` or `close-at:500`. Times are market times. `venues` are those that a fault may name.
 * Fails with LAB_FAULT_INVALID.
 */
export function parseFault(text: string, base: number, venues: readonly string[] = []): Result<Fault> {
  const counted = COUNTED.exec(text.trim())?.groups;
  const groups = counted ?? TIMED.exec(text.trim())?.groups;
  const venue = groups?.['venue'];
  if (groups !== undefined && venue !== undefined && venues.length > 0 && !venues.includes(venue))
    return refuse(text, `the venues are ${venues.join(', ')}`);
  if (counted !== undefined) return ok({ kind: 'close-at', venue, at: base, durationMs: 0, count: Number(counted['count']) });
  if (groups === undefined) return refuse(text, FAULT_GRAMMAR);
  const kind = kindOf(groups['kind'] as string);
  if (groups['kind'] === 'checksum') return refuse(text, 'no protocol that the practice market speaks has a checksum');
  const at = timeOf(groups['at'] as string, base);
  const durationMs = optional(groups['duration'], 0);
  const lasting = (SPELLS as readonly string[]).includes(kind ?? '');
  const by = groups['by'];
  const usual = kind === 'slow' ? SLOW_BY_MS : kind === 'skew' ? SKEW_BY_MS : undefined;
  const sign = by?.startsWith('-') === true ? -1 : 1;
  const byMs = by === undefined ? usual : sign * optional(by.replace('-', ''), Number.NaN);
  const fits = by === undefined || (usual !== undefined && Number.isFinite(byMs) && (kind === 'skew' || (byMs as number) >= 0));
  if (kind === undefined || !Number.isFinite(at) || !(lasting ? durationMs > 0 : groups['duration'] === undefined) || !fits)
    return refuse(text, FAULT_GRAMMAR);
  return ok({ kind, venue, at, durationMs, byMs });
}

function refuse(text: string, accepted: string): Result<Fault> {
  return fail('LAB_FAULT_INVALID', `"${text}" is not a fault: ${accepted}`);
}

function kindOf(text: string): Moment | Spell | undefined {
  if (/^5\d\d$/.test(text)) return '5xx';
  return [...MOMENTS, ...SPELLS].find((kind) => kind === text);
}

function timeOf(text: string, base: number): number {
  if (/^\d{4}-/.test(text)) return Date.parse(text);
  return base + optional(text.startsWith('+') ? text.slice(1) : text, Number.NaN);
}

/** Milliseconds; NaN for what is no duration. */
function optional(text: string | undefined, absent: number): number {
  if (text === undefined) return absent;
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  return match === null ? Number.NaN : Number(match[1]) * (UNIT_MS[match[2] as string] as number);
}
