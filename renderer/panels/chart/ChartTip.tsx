import { formatDateTime, formatHeld, formatNumber, formatSigned } from '../../ui/format.ts';
import { useFramed } from '../../ui/use-framed.ts';
import { type ChartTip as Tip, useChartReadout } from './chart-readout.ts';

const tipOf = (state: { readonly tip: Tip | undefined }): Tip | undefined => state.tip;

/** Beside the pointer: what it rests on. */
export function ChartTip({ decimals }: { readonly decimals: number }) {
  const tip = useFramed(useChartReadout, tipOf);
  if (tip === undefined) return null;
  const { x, y, left, above, of } = tip;
  return (
    <div className="chart-tip-anchor" style={{ transform: `translate(${x}px, ${y}px)` }}>
      <div
        className={`chart-tip num ${left ? 'chart-tip-left' : ''} ${above ? 'chart-tip-above' : ''}`}
        role="tooltip"
        data-testid="chart-tip"
      >
        {of.kind === 'annotation' ? <Trade {...of} decimals={decimals} /> : <Filled {...of} decimals={decimals} />}
      </div>
    </div>
  );
}

function Trade({ annotation, figures, decimals }: Extract<Tip['of'], { kind: 'annotation' }> & { readonly decimals: number }) {
  const { direction, entry, exit, note, timeframe } = annotation;
  const profit = figures.profitPct;
  return (
    <>
      <strong>
        <span className={direction === 'long' ? 'up' : 'down'}>{direction === 'long' ? '▲ Long' : '▼ Short'}</span>{' '}
        <span className={profit >= 0 ? 'up' : 'down'}>{formatSigned(profit, 2)} %</span>
      </strong>
      <Line label="Entry">
        {formatNumber(entry.price, decimals)} <span className="dim">{formatDateTime(entry.time).slice(0, 11)}</span>
      </Line>
      <Line label="Exit">
        {formatNumber(exit.price, decimals)} <span className="dim">{formatDateTime(exit.time).slice(0, 11)} UTC</span>
      </Line>
      <Line label="Held">
        {formatHeld(figures.heldMs)} <span className="dim">drawn on {timeframe}</span>
      </Line>
      {figures.worstPct !== undefined && <Line label="Worst">{formatSigned(-figures.worstPct, 2)} %</Line>}
      <Line label="Reward / risk">{figures.rewardRisk === undefined ? '–' : formatNumber(figures.rewardRisk, 1)}</Line>
      {note !== '' && <p className="chart-tip-note">{note}</p>}
    </>
  );
}

function Filled({ fill, decimals }: Extract<Tip['of'], { kind: 'fill' }> & { readonly decimals: number }) {
  return (
    <>
      <strong className={fill.side === 'buy' ? 'up' : 'down'}>
        {fill.side === 'buy' ? 'Bought' : 'Sold'} {fill.quantity}
      </strong>
      <Line label="Price">{formatNumber(Number(fill.price), decimals)}</Line>
      <Line label="Time">{formatDateTime(fill.at)} UTC</Line>
      <Line label="Fee">
        {formatNumber(Number(fill.fee), 4)} <span className="dim">{fill.liquidity}</span>
      </Line>
    </>
  );
}

function Line({ label, children }: { readonly label: string; readonly children: React.ReactNode }) {
  return (
    <span className="chart-tip-line">
      <span className="dim">{label}</span>
      <span>{children}</span>
    </span>
  );
}
