import type { Failure } from '../base/result.ts';

/**
 * What travels between a window and its host, whatever carries it (MessagePort or WebSocket).
 * Everything is plain data. `id` is chosen by the client and unique within the connection.
 */
export type ClientMessage =
  | { readonly kind: 'command'; readonly id: number; readonly name: string; readonly input: unknown }
  | { readonly kind: 'subscribe'; readonly id: number; readonly stream: string; readonly params: unknown }
  | { readonly kind: 'unsubscribe'; readonly id: number }
  /** The reader has taken every event up to `seq`; the host may send more. */
  | { readonly kind: 'ack'; readonly id: number; readonly seq: number };

export type HostMessage =
  | { readonly kind: 'answer'; readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly kind: 'answer'; readonly id: number; readonly ok: false; readonly error: Failure }
  /** `seq` counts up by one per event of this subscription; `gap` says that events before it were conflated away. */
  | { readonly kind: 'event'; readonly id: number; readonly seq: number; readonly gap: boolean; readonly event: unknown };
