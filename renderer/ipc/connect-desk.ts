import { fail, reasonOf, type Result } from '../../core/base/result.ts';
import type { CommandName, CommandOutput } from '../../core/contracts/commands.ts';
import type { StreamEvents, StreamName } from '../../core/contracts/streams.ts';
import type { DeskClient } from './desk-client.ts';
import type { Dial, Duplex } from './duplex.ts';
import { readHostMessage } from './host-message.ts';

export type ConnectionState = 'connecting' | 'open' | 'lost';

const COMMAND_TIMEOUT_MS = 30_000;
/** Commands that may honestly take longer: services restart, or new instruments are asked for, and their history is fetched. */
const LONG_COMMANDS: Partial<Record<CommandName, number>> = {
  setMode: 180_000,
  getBootstrap: 120_000,
  followSymbol: 90_000,
  /** The trader looks for a file or a folder. */
  pickImportFile: 3_600_000,
  pickRecordingFolder: 3_600_000,
  /** Every row of a large file is checked. */
  previewImport: 600_000,
};
const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 5_000;

interface Pending {
  readonly name: string;
  readonly settle: (result: Result<never>) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

interface Subscription {
  readonly stream: string;
  readonly params: unknown;
  readonly listener: (event: unknown, gap: boolean) => void;
  /** Events were missed while there was no connection, so the first one after it says so. */
  missed: boolean;
}

/**
 * A client that keeps itself connected through `dial`, waiting 0.25 s after the first loss and up to 5 s later on.
 *
 * A command given before the first connection waits for it. Once a connection was lost, commands fail at once
 * (`NOT_CONNECTED`) instead of being kept: an order must not go out long after it was meant. A command whose answer
 * got lost with the connection fails with `ANSWER_LOST`, one without an answer in 30 s with `TIMED_OUT`.
 */
export function connectDesk(dial: Dial): DeskClient {
  const pending = new Map<number, Pending>();
  const waiting = new Set<() => void>();
  const subscriptions = new Map<number, Subscription>();
  const connectionListeners = new Set<(state: ConnectionState) => void>();
  let duplex: Duplex | undefined;
  let state: ConnectionState = 'connecting';
  let nextId = 1;
  let retryMs = RETRY_FIRST_MS;

  function setState(next: ConnectionState): void {
    if (next === state) return;
    state = next;
    for (const listener of connectionListeners) listener(next);
  }

  function open(): void {
    dial().then(onOpen, (thrown: unknown) => {
      console.warn(`No connection to the desk's services: ${reasonOf(thrown)}`);
      retry();
    });
  }

  function retry(): void {
    setTimeout(open, retryMs);
    retryMs = Math.min(2 * retryMs, RETRY_MAX_MS);
  }

  function onOpen(opened: Duplex): void {
    duplex = opened;
    opened.onMessage(onMessage);
    opened.onClose(() => onLost(opened));
    for (const [id, { stream, params }] of subscriptions) opened.send({ kind: 'subscribe', id, stream, params });
    setState('open');
    for (const send of [...waiting]) send();
    waiting.clear();
  }

  function onLost(lost: Duplex): void {
    if (lost !== duplex) return;
    duplex = undefined;
    for (const subscription of subscriptions.values()) subscription.missed = true;
    for (const { name, settle } of [...pending.values()]) {
      settle(
        fail(
          'ANSWER_LOST',
          `The connection was lost before the answer to ${name} came: it may or may not have taken effect. Look before repeating it.`,
          {
            retryable: true,
          },
        ),
      );
    }
    setState('lost');
    retry();
  }

  function onMessage(data: unknown): void {
    const message = readHostMessage(data);
    if (message === undefined) return;
    retryMs = RETRY_FIRST_MS;
    if (message.kind === 'answer') {
      const settle = pending.get(message.id)?.settle;
      // Answers were validated by the host that ships with this page; the type follows from the command's name.
      if (message.ok) settle?.({ ok: true, value: message.value as never });
      else if (settle !== undefined) settle({ ok: false, error: message.error });
      else console.error(`Stream ${subscriptions.get(message.id)?.stream ?? message.id} was refused: ${message.error.message}`);
      return;
    }
    const subscription = subscriptions.get(message.id);
    if (subscription === undefined) return;
    const gap = message.gap || subscription.missed;
    subscription.missed = false;
    try {
      subscription.listener(message.event, gap);
    } catch (thrown) {
      console.error(`A reader of the ${subscription.stream} stream failed:`, thrown);
    }
    duplex?.send({ kind: 'ack', id: message.id, seq: message.seq });
  }

  open();

  return {
    command(name, input) {
      if (state === 'lost') {
        return Promise.resolve(
          fail('NOT_CONNECTED', 'No connection to the services. It is being restored; try again then.', { retryable: true }),
        );
      }
      return new Promise((resolve) => {
        const id = nextId++;
        const timeoutMs = LONG_COMMANDS[name] ?? COMMAND_TIMEOUT_MS;
        const send = (): void => duplex?.send({ kind: 'command', id, name, input });
        const settle = (result: Result<CommandOutput<typeof name>>): void => {
          clearTimeout(timer);
          waiting.delete(send);
          pending.delete(id);
          resolve(result);
        };
        const timer = setTimeout(() => {
          settle(
            fail(
              'TIMED_OUT',
              `No answer to ${name} within ${timeoutMs / 1000} s: it may still take effect. Look before repeating it.`,
              { retryable: true },
            ),
          );
        }, timeoutMs);
        pending.set(id, { name, settle, timer });
        if (duplex === undefined) waiting.add(send);
        else send();
      });
    },

    subscribe(stream, params, listener) {
      const id = nextId++;
      // Events were validated by the host that ships with this page; the type follows from the stream's name.
      const deliver = (event: unknown, gap: boolean): void =>
        listener(event as StreamEvents[StreamName] as StreamEvents[typeof stream], gap);
      subscriptions.set(id, { stream, params, listener: deliver, missed: false });
      duplex?.send({ kind: 'subscribe', id, stream, params });
      return () => {
        if (subscriptions.delete(id)) duplex?.send({ kind: 'unsubscribe', id });
      };
    },

    onConnection(listener) {
      connectionListeners.add(listener);
      listener(state);
      return () => connectionListeners.delete(listener);
    },
  };
}
