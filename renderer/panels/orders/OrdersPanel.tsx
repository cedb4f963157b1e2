import './orders.css';
import { useActions } from '../../app/actions.ts';
import { usePanelSettings } from '../../app/desk-context.ts';
import { isOpen, useOrders } from '../../stores/orders.ts';
import { Button } from '../../ui/Button.tsx';
import { AccountSummary } from './AccountSummary.tsx';
import { Blotter } from './Blotter.tsx';
import { Fills } from './Fills.tsx';
import { Positions } from './Positions.tsx';
import { Ticket } from './Ticket.tsx';

const TABS = [
  ['open', 'Open'],
  ['all', 'All orders'],
  ['fills', 'Fills'],
  ['positions', 'Positions'],
] as const;
type Tab = (typeof TABS)[number][0];

const DEFAULTS: { tab: Tab } = { tab: 'open' };

/** Ticket, orders with their whole lives, fills, positions and the paper account. */
export function OrdersPanel() {
  const [{ tab }, update] = usePanelSettings('orders', DEFAULTS);
  const openCount = useOrders(({ orders }) => orders?.filter(isOpen).length ?? 0);
  const { cancelAllOrders } = useActions();
  return (
    <div className="panel orders" data-testid="orders">
      <Ticket />
      <div className="orders-main">
        <AccountSummary />
        <div className="orders-tabs">
          <div className="segmented" role="tablist" aria-label="Orders and positions">
            {TABS.map(([id, label]) => (
              <button
                key={id}
                type="button"
                role="tab"
                aria-selected={tab === id}
                onClick={() => update({ tab: id })}
                data-testid={`orders-tab-${id}`}
              >
                {label}
                {id === 'open' && openCount > 0 && ` ${openCount}`}
              </button>
            ))}
          </div>
          <Button className="button-small" disabled={openCount === 0} onClick={cancelAllOrders} data-testid="cancel-all">
            Cancel all
          </Button>
        </div>
        <div className="orders-table" role="tabpanel">
          {tab === 'positions' ? <Positions /> : tab === 'fills' ? <Fills /> : <Blotter openOnly={tab === 'open'} />}
        </div>
      </div>
    </div>
  );
}
