import { WebSocket } from 'ws';
import type { CommandInput, CommandName, CommandOutput } from '../../core/contracts/commands.ts';
import type { StreamEvents, StreamName, StreamParams } from '../../core/contracts/streams.ts';
import type { ClientMessage, HostMessage } from '../../core/contracts/wire.ts';

/** A page's end of the headless host's socket, without a page. */
export class DeskClient {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (message: Extract<HostMessage, { kind: 'answer' }>) => void>();
  readonly #listeners = new Map<number, (event: unknown) => void>();
  #nextId = 1;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => this.#onMessage(JSON.parse(data.toString()) as HostMessage));
  }

  /** Signs in by the link that the desk printed (`http://…/?token=…`) and opens its socket. */
  static async open(link: string): Promise<DeskClient> {
    const { origin, host } = new URL(link);
    const response = await fetch(link, { redirect: 'manual' });
    const cookie = response.headers.get('set-cookie')?.split(';')[0];
    if (cookie === undefined) throw new Error(`${origin} did not sign us in (HTTP ${response.status})`);
    const socket = new WebSocket(`ws://${host}/api/socket`, { headers: { origin, cookie } });
    await new Promise<void>((resolve, reject) => {
      socket.once('open', () => resolve());
      socket.once('error', reject);
    });
    return new DeskClient(socket);
  }

  /** @throws with the failure's message */
  async run<N extends CommandName>(name: N, input: CommandInput<N>): Promise<CommandOutput<N>> {
    const answer = await this.#ask((id) => ({ kind: 'command', id, name, input }));
    if (!answer.ok) throw new Error(`${name}: ${answer.error.code}: ${answer.error.message}`);
    return answer.value as CommandOutput<N>;
  }

  async subscribe<N extends StreamName>(
    stream: N,
    params: StreamParams<N>,
    listener: (event: StreamEvents[N]) => void,
  ): Promise<void> {
    const answer = await this.#ask((id) => {
      this.#listeners.set(id, listener as (event: unknown) => void);
      return { kind: 'subscribe', id, stream, params };
    });
    if (!answer.ok) throw new Error(`${stream}: ${answer.error.message}`);
  }

  close(): void {
    this.#socket.terminate();
  }

  #ask(message: (id: number) => ClientMessage): Promise<Extract<HostMessage, { kind: 'answer' }>> {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#send(message(id));
    });
  }

  #onMessage(message: HostMessage): void {
    if (message.kind === 'answer') {
      this.#waiting.get(message.id)?.(message);
      this.#waiting.delete(message.id);
      return;
    }
    this.#listeners.get(message.id)?.(message.event);
    this.#send({ kind: 'ack', id: message.id, seq: message.seq });
  }

  #send(message: ClientMessage): void {
    this.#socket.send(JSON.stringify(message));
  }
}
