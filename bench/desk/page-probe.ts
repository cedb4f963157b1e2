import { once } from 'node:events';
import { WebSocket } from 'ws';

/** One event of Chromium's trace: times in microseconds. */
export interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  /** CPU time of the thread. */
  readonly tdur?: number;
  readonly args?: Readonly<Record<string, unknown>>;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

const WITHIN_MS = 60_000;
/** No more than is needed: tracing takes time of what it traces. */
const TRACED = ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline', 'blink.user_timing', '__metadata'];

/** A page of a Chromium that listens on a debugging port, through the DevTools protocol. */
export class PageProbe {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (message: Message) => void>();
  readonly #listeners = new Map<string, (params: unknown) => void>();
  #nextId = 1;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => this.#take(JSON.parse(data.toString()) as Message));
  }

  /** Connects once there is a page. @throws when none came within a minute */
  static async open(port: number): Promise<PageProbe> {
    const deadline = performance.now() + WITHIN_MS;
    for (;;) {
      const page = await firstPage(port);
      if (page !== undefined) {
        const socket = new WebSocket(page, { perMessageDeflate: false });
        await once(socket, 'open');
        return new PageProbe(socket);
      }
      if (performance.now() > deadline) throw new Error(`no page came on the debugging port ${port}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** What the expression comes to, promises awaited. @throws with what it threw */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = (await this.#ask('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    })) as { result: { value: T }; exceptionDetails?: { exception?: { description?: string }; text: string } };
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  async until(condition: string): Promise<void> {
    const deadline = performance.now() + WITHIN_MS;
    // A page that is being loaded answers with a failure: then it has not come to it.
    while (!(await this.evaluate<boolean>(`Boolean(${condition})`).catch(() => false))) {
      if (performance.now() > deadline) throw new Error(`within a minute it did not come to ${condition}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Everything that the browser traces while `work` goes on. */
  async trace(work: () => Promise<void>): Promise<TraceEvent[]> {
    const events: TraceEvent[] = [];
    this.#listeners.set('Tracing.dataCollected', (params) => events.push(...(params as { value: TraceEvent[] }).value));
    const complete = new Promise<void>((resolve) => this.#listeners.set('Tracing.tracingComplete', () => resolve()));
    await this.#ask('Tracing.start', {
      transferMode: 'ReportEvents',
      traceConfig: { recordMode: 'recordAsMuchAsPossible', includedCategories: TRACED, excludedCategories: ['*'] },
    });
    await work();
    await this.#ask('Tracing.end', {});
    await complete;
    return events;
  }

  close(): void {
    this.#socket.close();
  }

  #ask(method: string, params: object): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) => (error === undefined ? resolve(result) : reject(new Error(error.message))));
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  #take(message: Message): void {
    if (message.id !== undefined) {
      this.#waiting.get(message.id)?.(message);
      this.#waiting.delete(message.id);
    } else if (message.method !== undefined) this.#listeners.get(message.method)?.(message.params);
  }
}

async function firstPage(port: number): Promise<string | undefined> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/json`);
    const targets = (await answer.json()) as { type: string; webSocketDebuggerUrl?: string }[];
    return targets.find(({ type }) => type === 'page')?.webSocketDebuggerUrl;
  } catch {
    // Not listening yet.
    return undefined;
  }
}
