import type { FlowSecond } from '../../core/contracts/order-flow.ts';
import type { DeskClient } from '../ipc/desk-client.ts';

export interface TapeListener {
  /** Everything begins anew: of the time before `since` the store tells, of the time from then on `onSecond`. */
  onBegin(tickSize: number, since: number): void;
  /** The second as it stands; told again as it goes on. */
  onSecond(second: FlowSecond): void;
  /** What is stored of the time before `since` has grown. */
  onOlder(): void;
}

/** Follows the trades of one symbol by second and price until the returned function is called. */
export function followOrderFlow(client: DeskClient, symbol: string, listener: TapeListener): () => void {
  let end = (): void => {};
  const follow = (): void => {
    end = client.subscribe('orderFlow', { symbol }, (event, gap) => {
      if (event.kind === 'snapshot') {
        listener.onBegin(event.tickSize, event.since);
        for (const second of event.seconds) listener.onSecond(second);
      } else if (gap) {
        end();
        follow();
      } else if (event.kind === 'second') listener.onSecond(event.second);
      else listener.onOlder();
    });
  };
  follow();
  return () => end();
}
