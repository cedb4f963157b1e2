import type { OptionQuote, OptionSide } from '../../../core/contracts/options.ts';
import { formatAge, formatNumber } from '../../ui/format.ts';
import { isInTheMoney, midOf, type StrikeRow } from './option-table.ts';

/** In coins to the price step, or in USD. */
export type PriceUnit = 'coin' | 'usd';

interface Props {
  readonly row: StrikeRow;
  readonly unit: PriceUnit;
  /** USD. */
  readonly underlyingMid: number | undefined;
  readonly tabStop: boolean;
  readonly onFocus: () => void;
}

export function OptionRow({ row, unit, underlyingMid, tabStop, onFocus }: Props) {
  const { strike, call, put, atTheMoney } = row;
  return (
    <tr
      className={atTheMoney ? 'options-atm' : ''}
      tabIndex={tabStop ? 0 : -1}
      data-testid="option-row"
      data-strike={strike}
      data-atm={atTheMoney}
      onFocus={onFocus}
    >
      <Cells quote={call} unit={unit} mid={underlyingMid} inTheMoney={isInTheMoney('call', strike, underlyingMid)} />
      <th
        scope="row"
        className="options-strike"
        title={atTheMoney ? 'At the money: the strike nearest to the perpetual' : undefined}
      >
        {formatNumber(strike, Number.isInteger(strike) ? 0 : 2)}
      </th>
      <Cells quote={put} unit={unit} mid={underlyingMid} inTheMoney={isInTheMoney('put', strike, underlyingMid)} />
    </tr>
  );
}

interface CellsProps {
  readonly quote: OptionQuote | undefined;
  readonly unit: PriceUnit;
  readonly mid: number | undefined;
  readonly inTheMoney: boolean;
}

function Cells({ quote, unit, mid, inTheMoney }: CellsProps) {
  const middle = midOf(quote);
  const inUnit = unit === 'coin' ? middle : mid === undefined || middle === undefined ? undefined : middle * mid;
  const stale = quote !== undefined && quote.state === 'stale';
  const className = `right ${inTheMoney ? 'options-itm' : ''} ${stale ? 'options-stale' : ''}`;
  const title = quote && titleOf(quote);
  return (
    <>
      <td className={className} title={title} data-state={quote?.state}>
        <Side side={quote?.bid} unit={unit} tone="up" />
      </td>
      <td className={className} title={title}>
        {inUnit === undefined ? <span className="dim">–</span> : formatNumber(inUnit, unit === 'coin' ? 5 : 2)}
      </td>
      <td className={className} title={title}>
        <Side side={quote?.ask} unit={unit} tone="down" />
      </td>
    </>
  );
}

function Side({ side, unit, tone }: { readonly side: OptionSide | undefined; readonly unit: PriceUnit; readonly tone: string }) {
  const price = unit === 'coin' ? side?.price : side?.usd;
  if (side === undefined || price === undefined) return <span className="dim">–</span>;
  return (
    <>
      <span className="options-amount">{formatNumber(side.amount, side.amount < 100 ? 1 : 0)}</span>
      <span className={tone}>{priceText(price, unit)}</span>
    </>
  );
}

function priceText(price: number, unit: PriceUnit): string {
  return formatNumber(price, unit === 'coin' ? 4 : 2);
}

function titleOf({ name, state, reason, ageMs }: OptionQuote): string {
  const age = ageMs === undefined ? 'not quoted yet' : `quoted ${formatAge(ageMs)} ago`;
  return state === 'live' ? `${name}: ${age}` : `${name} is stale: ${reason}; ${age}`;
}
