import { setImmediate } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import type { ManualClock } from '../../../core/base/manual-clock.ts';

const PATIENCE_MS = 60_000;

/**
 * Lets `time` pass in steps until `condition`, but only as fast as sockets are read: before each next step every client has read
 * what its venue sent it, and the venue what was sent before that was answered. So a machine under load is no silence, and a
 * minute of the test takes no minute. `clients` are the venue's ends.
 */
export async function passTime(
  time: ManualClock,
  stepMs: number,
  clients: ReadonlySet<WebSocket>,
  condition: () => boolean,
): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  while (!condition()) {
    if (Date.now() > until) throw new Error(`what was waited for did not come within ${PATIENCE_MS / 1000} s`);
    time.advanceBy(stepMs);
    await Promise.all([...clients].map((client) => isInStep(client)));
    // Connections and requests by REST go on too.
    await setImmediate();
  }
}

/** A pong comes after all that its side was sent and has sent before. */
async function isInStep(client: WebSocket): Promise<void> {
  if (client.readyState !== client.OPEN) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      client.off('pong', done);
      client.off('close', done);
      resolve();
    };
    client.on('pong', done);
    client.on('close', done);
    client.ping();
  });
}
