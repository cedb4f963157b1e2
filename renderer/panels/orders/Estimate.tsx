import { useDesk } from '../../app/desk-context.ts';
import { useAccount } from '../../stores/account.ts';
import { hasBook, useCobReadout } from '../../stores/cob.ts';
import { useSelection } from '../../stores/selection.ts';
import { useTicket } from '../../stores/ticket.ts';
import { formatNumber } from '../../ui/format.ts';
import { estimateTicket } from './ticket-rules.ts';

/** What the ticket's order would be worth now, and the limits that it would meet. */
export function Estimate({ quote, minNotional }: { readonly quote: string; readonly minNotional: string }) {
  const { bootstrap } = useDesk();
  const ticket = useTicket();
  const symbol = useSelection((state) => state.symbol);
  const position = useAccount((state) => Number(state.account?.positions.find((held) => held.symbol === symbol)?.quantity ?? 0));
  const bestBid = useCobReadout(({ view }) => (hasBook(view) ? view.bestBid : undefined));
  const bestAsk = useCobReadout(({ view }) => (hasBook(view) ? view.bestAsk : undefined));
  const mid = useCobReadout(({ view }) => (hasBook(view) ? view.mid : undefined));
  const estimate = estimateTicket(ticket, { bestBid, bestAsk, mid, minNotional, ...bootstrap.riskLimits, position, quote });
  return (
    <div className="ticket-estimate" data-testid="ticket-estimate">
      <span className="dim">Worth about</span>{' '}
      <span className="num">{estimate === undefined ? '–' : `${formatNumber(estimate.notional, 2)} ${quote}`}</span>
      {estimate?.warnings.map((warning) => (
        <p key={warning} className="warn">
          {warning}
        </p>
      ))}
    </div>
  );
}
