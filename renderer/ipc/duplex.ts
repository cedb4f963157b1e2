import type { ClientMessage } from '../../core/contracts/wire.ts';

/** One open two-way connection to the host. Messages arrive in order; `onClose` fires once, also after `close()`. */
export interface Duplex {
  send(message: ClientMessage): void;
  /** The message is whatever arrived; the client checks its shape. */
  onMessage(listener: (message: unknown) => void): void;
  onClose(listener: () => void): void;
  close(): void;
}

/** Opens a connection; rejects when it cannot. Called again after every loss. */
export type Dial = () => Promise<Duplex>;
