import { useActions } from '../../app/actions.ts';
import { useAccount } from '../../stores/account.ts';
import { useSelection } from '../../stores/selection.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { formatDecimal, formatSigned } from '../../ui/format.ts';

export function Positions() {
  const account = useAccount((state) => state.account);
  const selectSymbol = useSelection((state) => state.selectSymbol);
  const { presentTicket } = useActions();
  const positions =
    account?.positions.filter((position) => Number(position.quantity) !== 0 || Number(position.realisedPnl) !== 0) ?? [];
  if (positions.length === 0) return <EmptyState title="No position">The first fill opens one.</EmptyState>;
  return (
    <table className="table" aria-label="Positions" data-testid="positions">
      <thead>
        <tr>
          <th scope="col">Symbol</th>
          <th scope="col">Side</th>
          <th scope="col" className="right">
            Quantity
          </th>
          <th scope="col" className="right">
            Average
          </th>
          <th scope="col" className="right">
            Mark
          </th>
          <th scope="col" className="right">
            Unrealised
          </th>
          <th scope="col" className="right">
            Realised
          </th>
          <th scope="col">
            <span className="visually-hidden">Action</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {positions.map((position) => {
          const quantity = Number(position.quantity);
          return (
            <tr key={position.symbol} data-testid="position-row">
              <td>{position.symbol}</td>
              <td className={quantity > 0 ? 'up' : quantity < 0 ? 'down' : 'dim'}>
                {quantity > 0 ? 'long' : quantity < 0 ? 'short' : 'flat'}
              </td>
              <td className="num right" data-testid="position-quantity">
                {position.quantity}
              </td>
              <td className="num right">{quantity === 0 ? '–' : formatDecimal(position.averagePrice, 2)}</td>
              <td className="num right">{position.mark === undefined ? '–' : formatDecimal(position.mark, 2)}</td>
              <Pnl text={position.unrealisedPnl} />
              <Pnl text={position.realisedPnl} />
              <td className="right">
                {quantity !== 0 && (
                  <Button
                    className="button-small"
                    title="Fills the ticket with the order that would close this position"
                    onClick={() => {
                      selectSymbol(position.symbol);
                      presentTicket({
                        side: quantity > 0 ? 'sell' : 'buy',
                        type: 'market',
                        quantity: position.quantity.replace('-', ''),
                      });
                    }}
                    data-testid="position-close"
                  >
                    Close…
                  </Button>
                )}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Pnl({ text }: { readonly text: string | undefined }) {
  const value = Number(text ?? 0);
  return (
    <td className={`num right ${value > 0 ? 'up' : value < 0 ? 'down' : ''}`}>
      {text === undefined ? '–' : formatSigned(value, 2)}
    </td>
  );
}
