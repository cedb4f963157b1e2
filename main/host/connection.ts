import type { Cancel, Clock } from '../../core/base/clock.ts';
import { fail, type Failure, reasonOf, type Result } from '../../core/base/result.ts';
import { COMMANDS, type CommandInput, type CommandName, type CommandOutput } from '../../core/contracts/commands.ts';
import { STREAMS, type StreamEvents, type StreamName, type StreamParams } from '../../core/contracts/streams.ts';
import type { HostMessage } from '../../core/contracts/wire.ts';
import { z } from 'zod';
import type { Log } from '../ports/log.ts';
import { createSubscription, type Subscription } from './subscription.ts';

export type CommandHandlers = {
  readonly [N in CommandName]: (input: CommandInput<N>) => Promise<Result<CommandOutput<N>>> | Result<CommandOutput<N>>;
};

export interface StreamSource<N extends StreamName> {
  /** What a new reader, or one that fell behind, is sent first. */
  snapshot?(params: StreamParams<N>): StreamEvents[N] | undefined;
  on(params: StreamParams<N>, listener: (event: StreamEvents[N]) => void): Cancel;
  /** For `latest` streams: events with the same key replace each other. One key for all when absent. */
  keyOf?(event: StreamEvents[N]): number | string;
}

export type StreamSources = { readonly [N in StreamName]: StreamSource<N> };

/** What a window can reach at this moment: less before the services run, and other ones after they were replaced. */
export interface Reach {
  readonly commands: Partial<CommandHandlers>;
  readonly streams: Partial<StreamSources>;
}

const MOST_SUBSCRIPTIONS = 64;

const clientMessageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('command'), id: z.number().int(), name: z.string(), input: z.unknown() }),
  z.object({ kind: z.literal('subscribe'), id: z.number().int(), stream: z.string(), params: z.unknown() }),
  z.object({ kind: z.literal('unsubscribe'), id: z.number().int() }),
  z.object({ kind: z.literal('ack'), id: z.number().int(), seq: z.number().int() }),
]);

interface ConnectionOptions {
  readonly reach: () => Reach;
  readonly send: (message: HostMessage) => void;
  readonly wall: Clock;
  readonly log: Log;
  readonly onClose: () => void;
}

/**
 * One window's conversation with the services, over any carrier. Everything that arrives is validated here;
 * a bad message is answered with what was expected, and never reaches a service.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #subscriptions = new Map<number, { readonly stream: string; readonly subscription: Subscription }>();
  #closed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  receive(raw: unknown): void {
    if (this.#closed) return;
    const parsed = clientMessageSchema.safeParse(raw);
    if (!parsed.success) {
      this.#options.log.warn({ problem: z.prettifyError(parsed.error) }, 'ignored a malformed message from a window');
      return;
    }
    const message = parsed.data;
    switch (message.kind) {
      case 'command':
        void this.#command(message.id, message.name, message.input);
        break;
      case 'subscribe':
        this.#subscribe(message.id, message.stream, message.params);
        break;
      case 'unsubscribe':
        this.#unsubscribe(message.id);
        break;
      case 'ack':
        this.#subscriptions.get(message.id)?.subscription.ack(message.seq);
        break;
    }
  }

  /** The services behind this connection were replaced: every subscription but `session` ends, and the window is told. */
  reset(): void {
    for (const [id, { stream, subscription }] of this.#subscriptions) {
      if (stream === 'session') continue;
      subscription.close();
      this.#subscriptions.delete(id);
    }
    for (const { stream, subscription } of this.#subscriptions.values()) {
      if (stream === 'session') subscription.push({ kind: 'restarted' });
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.onClose();
    for (const { subscription } of this.#subscriptions.values()) subscription.close();
    this.#subscriptions.clear();
  }

  async #command(id: number, name: string, input: unknown): Promise<void> {
    const answer = await this.#run(name, input);
    if (this.#closed) return;
    this.#options.send(
      answer.ok ? { kind: 'answer', id, ok: true, value: answer.value } : { kind: 'answer', id, ok: false, error: answer.error },
    );
  }

  async #run(name: string, input: unknown): Promise<Result<unknown>> {
    if (!isCommand(name)) return fail('UNKNOWN_COMMAND', `There is no command "${name}".`);
    const parsed = COMMANDS[name].input.safeParse(input);
    if (!parsed.success) return fail('BAD_REQUEST', `${name} was called with wrong arguments: ${describe(parsed.error)}`);
    const handler = this.#options.reach().commands[name] as
      | ((input: unknown) => Promise<Result<unknown>> | Result<unknown>)
      | undefined;
    if (handler === undefined)
      return fail('NOT_READY', 'The desk is still starting, or could not start; the window shows why.', { retryable: true });
    try {
      return await handler(parsed.data);
    } catch (thrown) {
      const detail = thrown instanceof Error ? (thrown.stack ?? thrown.message) : reasonOf(thrown);
      this.#options.log.error({ command: name, detail }, 'a command failed unexpectedly');
      return fail('INTERNAL', `${name} failed unexpectedly: ${reasonOf(thrown)}. The log has the details.`, { detail });
    }
  }

  #subscribe(id: number, stream: string, params: unknown): void {
    const problem = this.#refuse(id, stream, params);
    if (problem !== undefined) {
      this.#options.send({ kind: 'answer', id, ok: false, error: problem });
      return;
    }
    const name = stream as StreamName;
    const source = this.#options.reach().streams[name] as StreamSource<StreamName> | undefined;
    const subscription = createSubscription({
      delivery: STREAMS[name].delivery,
      wall: this.#options.wall,
      snapshot: () => source?.snapshot?.(params as never),
      keyOf: (event) => source?.keyOf?.(event as never) ?? 0,
      attach: (listener) => source?.on(params as never, listener) ?? (() => {}),
      send: (seq, gap, event) => this.#options.send({ kind: 'event', id, seq, gap, event }),
    });
    this.#subscriptions.set(id, { stream, subscription });
    this.#options.send({ kind: 'answer', id, ok: true, value: {} });
    subscription.start();
  }

  #refuse(id: number, stream: string, params: unknown): Failure | undefined {
    const refuse = (code: string, message: string): Failure => ({ code, message, retryable: false });
    if (!isStream(stream)) return refuse('UNKNOWN_STREAM', `There is no stream "${stream}".`);
    const parsed = STREAMS[stream].params.safeParse(params);
    if (!parsed.success)
      return refuse('BAD_REQUEST', `${stream} was subscribed to with wrong parameters: ${describe(parsed.error)}`);
    if (this.#subscriptions.has(id)) return refuse('BAD_REQUEST', `Subscription ${id} exists already.`);
    if (this.#subscriptions.size >= MOST_SUBSCRIPTIONS) {
      return refuse('TOO_MANY_SUBSCRIPTIONS', `A window may hold ${MOST_SUBSCRIPTIONS} subscriptions; close some first.`);
    }
    return undefined;
  }

  #unsubscribe(id: number): void {
    this.#subscriptions.get(id)?.subscription.close();
    this.#subscriptions.delete(id);
  }
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}

function isStream(name: string): name is StreamName {
  return Object.hasOwn(STREAMS, name);
}

function describe(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`).join('; ');
}
