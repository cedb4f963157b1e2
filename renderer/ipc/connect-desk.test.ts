import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ClientMessage } from '../../core/contracts/wire.ts';
import { connectDesk } from './connect-desk.ts';
import type { Duplex } from './duplex.ts';

class FakeHost {
  readonly received: ClientMessage[][] = [];
  dials = 0;
  refuse = false;
  private say: ((message: unknown) => void) | undefined;
  private end: (() => void) | undefined;

  readonly dial = (): Promise<Duplex> => {
    this.dials++;
    if (this.refuse) return Promise.reject(new Error('refused'));
    const log: ClientMessage[] = [];
    this.received.push(log);
    return Promise.resolve({
      send: (message) => log.push(message),
      onMessage: (listener) => {
        this.say = listener;
      },
      onClose: (listener) => {
        this.end = listener;
      },
      close: () => this.end?.(),
    });
  };

  /** What the page sent over the newest connection. */
  get log(): ClientMessage[] {
    return this.received.at(-1) ?? [];
  }

  send(message: unknown): void {
    this.say?.(message);
  }

  hangUp(): void {
    this.end?.();
  }
}

const settled = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

describe('connectDesk', () => {
  let host: FakeHost;
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    host = new FakeHost();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it('holds a command until the first connection and gives back its answer', async () => {
    const client = connectDesk(host.dial);
    const answer = client.command('cancelOrder', { orderId: 'o1' });
    await settled();
    expect(host.log).toEqual([{ kind: 'command', id: 1, name: 'cancelOrder', input: { orderId: 'o1' } }]);
    host.send({ kind: 'answer', id: 1, ok: true, value: {} });
    await expect(answer).resolves.toEqual({ ok: true, value: {} });
  });

  it('hands typed failures through', async () => {
    const client = connectDesk(host.dial);
    await settled();
    const answer = client.command('cancelAllOrders', {});
    const error = { code: 'KILLED', message: 'The kill switch is on.', retryable: false };
    host.send({ kind: 'answer', id: 1, ok: false, error });
    await expect(answer).resolves.toEqual({ ok: false, error });
  });

  it('fails a command without an answer after 30 s and ignores a late one', async () => {
    const client = connectDesk(host.dial);
    await settled();
    const answer = client.command('pauseTraining', {});
    await vi.advanceTimersByTimeAsync(29_999);
    const outcome = vi.fn();
    void answer.then(outcome);
    await settled();
    expect(outcome).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(outcome).toHaveBeenCalledWith({ ok: false, error: expect.objectContaining({ code: 'TIMED_OUT', retryable: true }) });
    host.send({ kind: 'answer', id: 1, ok: true, value: {} });
  });

  it('never sends a command whose time ran out before there was a connection', async () => {
    host.refuse = true;
    const client = connectDesk(host.dial);
    const answer = client.command('cancelAllOrders', {});
    await vi.advanceTimersByTimeAsync(30_000);
    await expect(answer).resolves.toMatchObject({ ok: false, error: { code: 'TIMED_OUT' } });
    host.refuse = false;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(host.received).toHaveLength(1);
    expect(host.log).toEqual([]);
  });

  it('acknowledges every event after its reader has handled it', async () => {
    const client = connectDesk(host.dial);
    await settled();
    const order: string[] = [];
    client.subscribe('status', {}, () => order.push(`read, ${host.log.filter((m) => m.kind === 'ack').length} acked`));
    host.send({ kind: 'event', id: 1, seq: 1, gap: false, event: {} });
    host.send({ kind: 'event', id: 1, seq: 4, gap: true, event: {} });
    expect(order).toEqual(['read, 0 acked', 'read, 1 acked']);
    expect(host.log.slice(1)).toEqual([
      { kind: 'ack', id: 1, seq: 1 },
      { kind: 'ack', id: 1, seq: 4 },
    ]);
  });

  it('acknowledges an event whose reader threw, so that the stream goes on', async () => {
    const report = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const client = connectDesk(host.dial);
    await settled();
    client.subscribe('status', {}, () => {
      throw new Error('reader broke');
    });
    host.send({ kind: 'event', id: 1, seq: 1, gap: false, event: {} });
    expect(host.log.at(-1)).toEqual({ kind: 'ack', id: 1, seq: 1 });
    expect(report).toHaveBeenCalledOnce();
  });

  it('sends nothing more for a subscription that ended', async () => {
    const client = connectDesk(host.dial);
    await settled();
    const listener = vi.fn();
    const end = client.subscribe('cob', { symbol: 'ETH/USDT' }, listener);
    end();
    end();
    expect(host.log.filter((m) => m.kind === 'unsubscribe')).toEqual([{ kind: 'unsubscribe', id: 1 }]);
    host.send({ kind: 'event', id: 1, seq: 1, gap: false, event: {} });
    expect(listener).not.toHaveBeenCalled();
  });

  it('subscribes again after a lost connection and marks the first event as following a gap', async () => {
    const client = connectDesk(host.dial);
    await settled();
    const gaps: boolean[] = [];
    client.subscribe('cob', { symbol: 'ETH/USDT' }, (_event, gap) => gaps.push(gap));
    host.send({ kind: 'event', id: 1, seq: 1, gap: false, event: {} });
    host.hangUp();
    await vi.advanceTimersByTimeAsync(250);
    expect(host.dials).toBe(2);
    expect(host.log).toEqual([{ kind: 'subscribe', id: 1, stream: 'cob', params: { symbol: 'ETH/USDT' } }]);
    host.send({ kind: 'event', id: 1, seq: 1, gap: false, event: {} });
    host.send({ kind: 'event', id: 1, seq: 2, gap: false, event: {} });
    expect(gaps).toEqual([false, true, false]);
  });

  it('says that an answer was lost, and refuses commands while there is no connection', async () => {
    const client = connectDesk(host.dial);
    await settled();
    const lost = client.command('cancelAllOrders', {});
    host.refuse = true;
    host.hangUp();
    await expect(lost).resolves.toMatchObject({ ok: false, error: { code: 'ANSWER_LOST' } });
    await expect(client.command('cancelAllOrders', {})).resolves.toMatchObject({ ok: false, error: { code: 'NOT_CONNECTED' } });
    host.refuse = false;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(host.log).toEqual([]);
  });

  it('backs off up to 5 s and reports its state', async () => {
    const client = connectDesk(host.dial);
    const states: string[] = [];
    client.onConnection((state) => states.push(state));
    await settled();
    host.refuse = true;
    host.hangUp();
    await vi.advanceTimersByTimeAsync(250 + 500 + 1000 + 2000 + 4000);
    expect(host.dials).toBe(6);
    await vi.advanceTimersByTimeAsync(4_999);
    expect(host.dials).toBe(6);
    host.refuse = false;
    await vi.advanceTimersByTimeAsync(1);
    expect(states).toEqual(['connecting', 'open', 'lost', 'open']);
  });

  it.each([
    null,
    'text',
    7,
    {},
    { kind: 'event', id: 'x', seq: 1 },
    { kind: 'event', id: 1 },
    { kind: 'answer', id: 1, ok: false, error: 'no' },
    { kind: 'other', id: 1 },
  ])('ignores what it does not know: %j', async (message) => {
    const client = connectDesk(host.dial);
    await settled();
    const listener = vi.fn();
    client.subscribe('status', {}, listener);
    host.send(message);
    expect(listener).not.toHaveBeenCalled();
    expect(host.log).toHaveLength(1);
  });
});
