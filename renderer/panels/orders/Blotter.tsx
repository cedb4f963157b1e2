import { Fragment, memo, useState } from 'react';
import type { Order, OrderState } from '../../../core/contracts/orders.ts';
import { useActions } from '../../app/actions.ts';
import { isOpen, useOrders } from '../../stores/orders.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { formatClock, formatDateTime, formatDecimal } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import { plainDecimal } from './ticket-rules.ts';

const STATE_TEXT: Readonly<Record<OrderState, string>> = {
  intent: 'intent',
  riskChecked: 'risk checked',
  submitted: 'submitted',
  accepted: 'accepted',
  partiallyFilled: 'partial',
  filled: 'filled',
  cancelled: 'cancelled',
  rejected: 'rejected',
  expired: 'expired',
  unknown: 'unknown',
};

function toneOf(state: OrderState): string {
  if (state === 'filled' || state === 'partiallyFilled') return 'up';
  if (state === 'rejected' || state === 'expired') return 'down';
  return state === 'unknown' ? 'warn' : state === 'cancelled' ? 'dim' : '';
}

export function Blotter({ openOnly }: { readonly openOnly: boolean }) {
  const orders = useOrders((state) => state.orders);
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(new Set());
  if (orders === undefined) return <EmptyState title="Reading the orders…" />;
  const shown = openOnly ? orders.filter(isOpen) : orders;
  if (shown.length === 0) {
    return (
      <EmptyState title={openOnly ? 'No open orders' : 'No orders yet'}>
        Fill in the ticket and press Enter. <kbd>Shift</kbd> <kbd>B</kbd> buys, <kbd>Shift</kbd> <kbd>S</kbd> sells, a click in
        the order book sets the price.
      </EmptyState>
    );
  }
  const toggle = (id: string): void =>
    setExpanded((before) => {
      const after = new Set(before);
      if (!after.delete(id)) after.add(id);
      return after;
    });
  return (
    <table className="table" aria-label={openOnly ? 'Open orders' : 'All orders'} data-testid="blotter">
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">Order</th>
          <th scope="col" className="when-medium">
            Type
          </th>
          <th scope="col" className="right">
            Filled
          </th>
          <th scope="col" className="right">
            Limit
          </th>
          <th scope="col" className="right when-wide">
            Average
          </th>
          <th scope="col" className="right when-wide">
            Fees
          </th>
          <th scope="col">State</th>
        </tr>
      </thead>
      <tbody>
        {shown.map((order) => (
          <OrderRows key={order.id} order={order} expanded={expanded.has(order.id)} onToggle={toggle} />
        ))}
      </tbody>
    </table>
  );
}

interface OrderRowsProps {
  readonly order: Order;
  readonly expanded: boolean;
  readonly onToggle: (id: string) => void;
}

const OrderRows = memo(
  function OrderRows({ order, expanded, onToggle }: OrderRowsProps) {
    const { cancelOrder } = useActions();
    const { intent, state } = order;
    const reason = order.history.at(-1)?.reason;
    return (
      <Fragment>
        <tr data-testid="order-row" data-order-id={order.id} data-state={state}>
          <td className="num">
            <button
              type="button"
              className="expander"
              aria-expanded={expanded}
              aria-label={expanded ? 'Hide its history' : 'Show its history'}
              onClick={() => onToggle(order.id)}
              data-testid="order-expand"
            >
              <Icon name="chevron" />
            </button>
            <span title={formatDateTime(order.createdAt)}>{formatClock(order.createdAt)}</span>
          </td>
          <td>
            <span className={intent.side === 'buy' ? 'up' : 'down'}>{intent.side}</span> {intent.symbol}
          </td>
          <td className="when-medium">
            {intent.type}{' '}
            <span className="dim when-wide">{intent.timeInForce === 'POST_ONLY' ? 'post only' : intent.timeInForce}</span>
          </td>
          <td className="num right">
            <span data-testid="order-filled">{plainDecimal(order.filledQuantity)}</span> <span className="dim">of</span>{' '}
            {plainDecimal(intent.quantity)}
          </td>
          <td className="num right">{intent.limitPrice ?? <span className="dim">market</span>}</td>
          <td className="num right when-wide">{order.averagePrice === undefined ? '–' : formatDecimal(order.averagePrice, 2)}</td>
          <td className="num right when-wide">{formatDecimal(order.fees, 4)}</td>
          <td>
            <div className="order-state">
              <span className={toneOf(state)} title={reason} data-testid="order-state">
                {STATE_TEXT[state]}
              </span>
              {isOpen(order) && (
                <Button className="button-small" onClick={() => void cancelOrder(order.id)} data-testid="order-cancel">
                  Cancel
                </Button>
              )}
            </div>
          </td>
        </tr>
        {expanded && (
          <tr className="order-history" data-testid="order-history">
            <td colSpan={8}>
              <ol>
                {order.history.map((step, index) => (
                  <li key={`${step.state}-${index}`}>
                    <span className="dim num">{formatClock(step.at)}</span>
                    <span className={toneOf(step.state)}>{STATE_TEXT[step.state]}</span>
                    {step.reason !== undefined && <span className="dim">{step.reason}</span>}
                  </li>
                ))}
              </ol>
              <span className="dim num">
                {intent.type} {intent.timeInForce === 'POST_ONLY' ? 'post only' : intent.timeInForce} · average{' '}
                {order.averagePrice ?? '–'} · fees {formatDecimal(order.fees, 4)} · id {order.id}
              </span>
            </td>
          </tr>
        )}
      </Fragment>
    );
  },
  (before, after) => before.order === after.order && before.expanded === after.expanded,
);
