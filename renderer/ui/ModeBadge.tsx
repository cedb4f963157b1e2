import type { DataMode } from '../../core/contracts/primitives.ts';

const MEANING: Readonly<Record<DataMode, string>> = {
  SIM: 'Practice market: order flow simulated around recorded prices',
  LIVE: 'Live public market data',
  REPLAY: 'A recording is replayed: nothing here happens now',
};

/** Says where the market data beside it comes from. */
export function ModeBadge({ mode, testId }: { readonly mode: DataMode; readonly testId?: string }) {
  return (
    <span className={`badge badge-${mode.toLowerCase()}`} title={MEANING[mode]} data-testid={testId}>
      {mode}
    </span>
  );
}
