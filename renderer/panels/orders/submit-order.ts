import { useCallback, useRef, useState } from 'react';
import type { OrderIntent } from '../../../core/contracts/orders.ts';
import { useDesk } from '../../app/desk-context.ts';

export interface SubmitOutcome {
  readonly ok: boolean;
  readonly text: string;
}

export interface Submission {
  readonly pending: boolean;
  readonly outcome: SubmitOutcome | undefined;
  submit(intent: Omit<OrderIntent, 'clientOrderId'>): Promise<void>;
  reset(): void;
}

/** The answer did not come, so the order may exist: repeating it under the same client order id is harmless. */
const UNSURE_CODES = new Set(['TIMED_OUT', 'ANSWER_LOST']);

/** Submits the ticket's order and keeps the answer, or the typed refusal, for the ticket to show. */
export function useSubmitOrder(): Submission {
  const { client } = useDesk();
  const [pending, setPending] = useState(false);
  const [outcome, setOutcome] = useState<SubmitOutcome>();
  const unsure = useRef<{ readonly key: string; readonly clientOrderId: string }>(undefined);

  const submit = useCallback(
    async (intent: Omit<OrderIntent, 'clientOrderId'>) => {
      const key = JSON.stringify(intent);
      const clientOrderId = unsure.current?.key === key ? unsure.current.clientOrderId : newClientOrderId();
      setPending(true);
      setOutcome(undefined);
      const result = await client.command('submitOrder', { intent: { ...intent, clientOrderId } });
      setPending(false);
      if (!result.ok) {
        unsure.current = UNSURE_CODES.has(result.error.code) ? { key, clientOrderId } : undefined;
        setOutcome({ ok: false, text: result.error.message });
        return;
      }
      unsure.current = undefined;
      const { state, history } = result.value.order;
      const reason = history.at(-1)?.reason;
      if (state === 'rejected' || state === 'expired') {
        setOutcome({ ok: false, text: `${state === 'rejected' ? 'Rejected' : 'Expired'}. ${reason ?? ''}` });
      } else {
        setOutcome({
          ok: true,
          text: `${intent.side === 'buy' ? 'Buy' : 'Sell'} ${intent.quantity} ${state === 'filled' ? 'filled' : 'sent'}.`,
        });
      }
    },
    [client],
  );

  const reset = useCallback(() => setOutcome(undefined), []);
  return { pending, outcome, submit, reset };
}

function newClientOrderId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `desk-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
