import { useOrders } from '../../stores/orders.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { formatDateTime, formatDecimal } from '../../ui/format.ts';

export function Fills() {
  const fills = useOrders((state) => state.fills);
  if (fills.length === 0)
    return (
      <EmptyState title="No fills yet">
        A market order fills at once; a limit order fills when the market reaches its price.
      </EmptyState>
    );
  return (
    <table className="table" aria-label="Fills" data-testid="fills">
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">Symbol</th>
          <th scope="col">Side</th>
          <th scope="col" className="right">
            Quantity
          </th>
          <th scope="col" className="right">
            Price
          </th>
          <th scope="col" className="right">
            Fee
          </th>
          <th scope="col">Liquidity</th>
        </tr>
      </thead>
      <tbody>
        {fills.map((fill) => (
          <tr key={fill.id} data-testid="fill-row">
            <td className="num">{formatDateTime(fill.at)}</td>
            <td>{fill.symbol}</td>
            <td className={fill.side === 'buy' ? 'up' : 'down'}>{fill.side}</td>
            <td className="num right">{fill.quantity}</td>
            <td className="num right">{formatDecimal(fill.price, 2)}</td>
            <td className="num right">{formatDecimal(fill.fee, 4)}</td>
            <td className="dim">{fill.liquidity}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
