import type { Clock } from '../../core/base/clock.ts';
import type { FaultScript } from '../faults/script.ts';
import type { RestAnswer } from './protocol.ts';

/** What a request gets while its venue is scripted to refuse or to fail; undefined when it is answered. */
export function refusal(faults: FaultScript, now: number, speed: number): RestAnswer | undefined {
  for (const kind of ['429', '418'] as const) {
    const fault = faults.active(kind, now);
    if (fault === undefined) continue;
    // Clients count in the machine's seconds.
    const seconds = Math.max(1, Math.ceil((fault.at + fault.durationMs - now) / speed / 1_000));
    return {
      status: Number(kind),
      body: '{"code":-1003,"retCode":10006,"msg":"Too many requests.","retMsg":"Too many requests."}',
      headers: { 'retry-after': String(seconds) },
    };
  }
  if (faults.active('5xx', now) === undefined) return undefined;
  return { status: 503, body: '<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>' };
}

/** Waits for as long as the venue is scripted to be slow. */
export async function slowness(faults: FaultScript, now: number, wall: Clock): Promise<void> {
  const delayMs = faults.active('slow', now)?.byMs ?? 0;
  if (delayMs > 0) await new Promise<void>((resolve) => wall.after(delayMs, resolve));
}
