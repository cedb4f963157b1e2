import { afterEach, describe, expect, it, vi } from 'vitest';
import { portDuplex } from './message-port.ts';
import { socketUrl } from './web-socket.ts';

describe('portDuplex', () => {
  const ports: MessagePort[] = [];
  afterEach(() => {
    for (const port of ports.splice(0)) port.close();
  });

  it('keeps messages that came before the reader, carries both ways and tells once of the end', async () => {
    const { port1, port2 } = new MessageChannel();
    ports.push(port1, port2);
    port2.postMessage({ early: true });
    const duplex = portDuplex(port1);
    const received: unknown[] = [];
    const closed = vi.fn();
    duplex.onClose(closed);
    duplex.onMessage((message) => received.push(message));
    await vi.waitFor(() => expect(received).toEqual([{ early: true }]), { timeout: 60_000 });

    const answered = new Promise((resolve) => port2.addEventListener('message', (event) => resolve(event.data), { once: true }));
    port2.start();
    duplex.send({ kind: 'unsubscribe', id: 3 });
    await expect(answered).resolves.toEqual({ kind: 'unsubscribe', id: 3 });

    duplex.close();
    duplex.close();
    expect(closed).toHaveBeenCalledOnce();
  });
});

describe('socketUrl', () => {
  it('stays on the page’s host and keeps encryption', () => {
    expect(socketUrl({ protocol: 'http:', host: '127.0.0.1:8080' })).toBe('ws://127.0.0.1:8080/api/socket');
    expect(socketUrl({ protocol: 'https:', host: 'desk.local' })).toBe('wss://desk.local/api/socket');
  });
});
