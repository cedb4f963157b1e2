import { describe, expect, it, vi } from 'vitest';
import { Emitter } from '../../core/base/emitter.ts';
import { ManualClock } from '../../core/base/manual-clock.ts';
import { fail, ok } from '../../core/base/result.ts';
import type { AnnotationsEvent } from '../../core/contracts/streams.ts';
import type { HostMessage } from '../../core/contracts/wire.ts';
import type { Log } from '../ports/log.ts';
import { Connection, type Reach } from './connection.ts';
import { silentLog } from './log.ts';

function setUp(reach: Partial<Reach> = {}) {
  const wall = new ManualClock(0);
  const sent: HostMessage[] = [];
  const warn = vi.fn<Log['warn']>();
  const error = vi.fn<Log['error']>();
  const onClose = vi.fn();
  const annotations = new Emitter<AnnotationsEvent>();
  const asked: unknown[] = [];
  const services: Reach = {
    commands: {
      cancelAllOrders: () => ok({ cancelled: 3 }),
      deleteAnnotation: ({ id }) => {
        asked.push(id);
        return Promise.resolve(ok({}));
      },
      stopTraining: () => fail('NOT_TRAINING', 'No training is running.'),
      pauseTraining: () => {
        throw new Error('boom');
      },
      ...reach.commands,
    },
    streams: {
      annotations: {
        snapshot: () => ({ kind: 'snapshot', annotations: [] }),
        on: (_params, listener) => annotations.on(listener),
      },
      ...reach.streams,
    },
  };
  const connection = new Connection({
    reach: () => services,
    send: (message) => sent.push(message),
    wall,
    log: { ...silentLog, warn, error },
    onClose,
  });
  const answer = async (id: number) => {
    await vi.waitFor(() => expect(sent.some((message) => message.kind === 'answer' && message.id === id)).toBe(true), {
      timeout: 60_000,
    });
    return sent.find((message) => message.kind === 'answer' && message.id === id);
  };
  const events = (id: number) => sent.filter((message) => message.kind === 'event' && message.id === id);
  const command = (id: number, name: string, input: unknown = {}) => connection.receive({ kind: 'command', id, name, input });
  const subscribe = (id: number, stream: string, params: unknown = {}) =>
    connection.receive({ kind: 'subscribe', id, stream, params });
  return { wall, sent, warn, error, onClose, annotations, asked, connection, answer, events, command, subscribe };
}

describe('commands', () => {
  it('are answered by their id, values and failures alike, at once or later', async () => {
    const { command, answer, asked } = setUp();
    command(1, 'cancelAllOrders');
    command(2, 'stopTraining');
    command(3, 'deleteAnnotation', { id: 'a1' });
    expect(await answer(1)).toEqual({ kind: 'answer', id: 1, ok: true, value: { cancelled: 3 } });
    expect(await answer(2)).toMatchObject({ id: 2, ok: false, error: { code: 'NOT_TRAINING', retryable: false } });
    expect(await answer(3)).toEqual({ kind: 'answer', id: 3, ok: true, value: {} });
    expect(asked).toEqual(['a1']);
  });

  it.each(['noSuch', 'constructor', 'toString', '__proto__', 'hasOwnProperty', ''])(
    'that do not exist are refused: %j',
    async (name) => {
      const { command, answer } = setUp();
      command(1, name);
      expect(await answer(1)).toMatchObject({ ok: false, error: { code: 'UNKNOWN_COMMAND' } });
    },
  );

  it.each([
    ['deleteAnnotation', { id: 5 }, 'id'],
    ['deleteAnnotation', { id: '../../etc' }, 'id'],
    ['deleteAnnotation', { id: 'a', more: true }, 'input'],
    ['deleteAnnotation', undefined, 'input'],
    ['deleteAnnotation', [], 'input'],
    ['getCandles', { symbol: 'ETH/USDT', timeframe: '1m', limit: 1e9 }, 'limit'],
    ['getCandles', { symbol: "'; DROP TABLE candles", timeframe: '1m', limit: 1 }, 'symbol'],
    ['setPracticeSpeed', { speed: Number.NaN }, 'speed'],
  ])('with wrong arguments never reach a service: %s %j', async (name, input, where) => {
    const { command, answer, asked } = setUp();
    command(1, name, input);
    const refused = await answer(1);
    expect(refused).toMatchObject({ ok: false, error: { code: 'BAD_REQUEST', retryable: false } });
    expect(JSON.stringify(refused)).toContain(`${where}: `);
    expect(asked).toEqual([]);
  });

  it('that nothing answers yet may be tried again; those that throw are logged and answered', async () => {
    const { command, answer, error } = setUp();
    command(1, 'resumeTraining');
    expect(await answer(1)).toMatchObject({ ok: false, error: { code: 'NOT_READY', retryable: true } });
    command(2, 'pauseTraining');
    expect(await answer(2)).toMatchObject({
      ok: false,
      error: { code: 'INTERNAL', message: expect.stringContaining('boom') as string },
    });
    expect(error).toHaveBeenCalledTimes(1);
  });
});

describe('messages that are none', () => {
  it.each([
    undefined,
    null,
    'command',
    42,
    [],
    {},
    { kind: 'launch' },
    { kind: 'command', id: 'x', name: 'cancelAllOrders', input: {} },
    { kind: 'command', id: 1.5, name: 'cancelAllOrders', input: {} },
    { kind: 'subscribe', id: 1 },
    { kind: 'ack', id: 1, seq: Number.POSITIVE_INFINITY },
  ])('are logged and ignored: %j', (message) => {
    const { connection, sent, warn } = setUp();
    connection.receive(message);
    expect(sent).toEqual([]);
    expect(warn).toHaveBeenCalledTimes(1);
  });
});

describe('streams', () => {
  it('are confirmed, start with their snapshot, and go on until they are left', async () => {
    const { subscribe, connection, annotations, sent, events } = setUp();
    subscribe(7, 'annotations');
    expect(sent).toEqual([
      { kind: 'answer', id: 7, ok: true, value: {} },
      { kind: 'event', id: 7, seq: 1, gap: false, event: { kind: 'snapshot', annotations: [] } },
    ]);
    annotations.emit({ kind: 'deleted', id: 'a' });
    expect(events(7)).toHaveLength(2);
    connection.receive({ kind: 'unsubscribe', id: 7 });
    annotations.emit({ kind: 'deleted', id: 'b' });
    expect(events(7)).toHaveLength(2);
    expect(annotations.listenerCount).toBe(0);
    subscribe(7, 'annotations');
    expect(events(7)).toHaveLength(3);
  });

  it('flow again when the reader acknowledges, and only its own', () => {
    const { subscribe, connection, annotations, events } = setUp();
    subscribe(1, 'annotations');
    subscribe(2, 'annotations');
    for (let i = 0; i < 200; i++) annotations.emit({ kind: 'deleted', id: `a${i}` });
    expect([events(1).length, events(2).length]).toEqual([128, 128]);
    connection.receive({ kind: 'ack', id: 1, seq: 100 });
    connection.receive({ kind: 'ack', id: 99, seq: 100 });
    expect([events(1).length, events(2).length]).toEqual([201, 128]);
  });

  it.each([
    ['noSuch', {}, 'UNKNOWN_STREAM'],
    ['constructor', {}, 'UNKNOWN_STREAM'],
    ['candles', { symbol: 'ETH/USDT', timeframe: '3m' }, 'BAD_REQUEST'],
    ['candles', {}, 'BAD_REQUEST'],
    ['annotations', { symbol: 'ETH/USDT' }, 'BAD_REQUEST'],
  ])('that are asked for wrongly are refused: %s %j', async (stream, params, code) => {
    const { subscribe, answer, annotations } = setUp();
    subscribe(1, stream, params);
    expect(await answer(1)).toMatchObject({ ok: false, error: { code } });
    expect(annotations.listenerCount).toBe(0);
  });

  it('are limited to 64 a window, and an id is used once', async () => {
    const { subscribe, connection, sent, annotations, answer } = setUp();
    for (let id = 1; id <= 64; id++) subscribe(id, 'annotations');
    sent.length = 0;
    subscribe(65, 'annotations');
    expect(await answer(65)).toMatchObject({ ok: false, error: { code: 'TOO_MANY_SUBSCRIPTIONS' } });
    subscribe(64, 'annotations');
    expect(await answer(64)).toMatchObject({ ok: false, error: { code: 'BAD_REQUEST' } });
    expect(annotations.listenerCount).toBe(64);
    connection.receive({ kind: 'unsubscribe', id: 3 });
    subscribe(66, 'annotations');
    expect(annotations.listenerCount).toBe(64);
  });

  it('end when the services are replaced, except `session`, which tells of it', () => {
    const { subscribe, connection, annotations, events } = setUp();
    subscribe(1, 'annotations');
    subscribe(2, 'session');
    subscribe(3, 'session');
    connection.reset();
    annotations.emit({ kind: 'deleted', id: 'a' });
    expect(annotations.listenerCount).toBe(0);
    expect(events(1)).toHaveLength(1);
    connection.reset();
    for (const id of [2, 3]) {
      expect(events(id)).toEqual([1, 2].map((seq) => ({ kind: 'event', id, seq, gap: false, event: { kind: 'restarted' } })));
    }
    subscribe(1, 'annotations');
    expect(annotations.listenerCount).toBe(1);
  });
});

describe('closing', () => {
  it('leaves every stream, tells once, and says nothing more, not even late answers', async () => {
    let finish = (): void => {};
    const slow = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const { connection, subscribe, command, annotations, onClose, sent } = setUp({
      commands: {
        async cancelAllOrders() {
          await slow;
          return ok({ cancelled: 0 });
        },
      },
    });
    subscribe(1, 'annotations');
    command(2, 'cancelAllOrders');
    connection.close();
    connection.close();
    const before = sent.length;
    finish();
    await slow;
    await new Promise((resolve) => setImmediate(resolve));
    command(3, 'stopTraining');
    subscribe(4, 'annotations');
    annotations.emit({ kind: 'deleted', id: 'a' });
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent).toHaveLength(before);
    expect(onClose).toHaveBeenCalledTimes(1);
    expect(annotations.listenerCount).toBe(0);
  });
});
