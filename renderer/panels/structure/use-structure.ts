import { useEffect, useState } from 'react';
import type { StructureView } from '../../../core/contracts/structure.ts';
import { type Timeframe, TIMEFRAMES } from '../../../core/market/timeframe.ts';
import { useDesk } from '../../app/desk-context.ts';
import { paced } from '../../ui/paced.ts';

/** Texts that change more often than this cannot be read. */
const SHOW_PERIOD_MS = 250;

export type StructureViews = Partial<Record<Timeframe, StructureView>>;

/** The market structure of a symbol on every timeframe, for as long as the panel is shown. */
export function useStructure(symbol: string): StructureViews {
  const { client } = useDesk();
  const [views, setViews] = useState<StructureViews>({});
  useEffect(() => {
    setViews({});
    if (symbol === '') return;
    const newest: StructureViews = {};
    const pace = paced(SHOW_PERIOD_MS, () => setViews({ ...newest }));
    const ends = TIMEFRAMES.map((timeframe) =>
      client.subscribe('structure', { symbol, timeframe }, (view) => {
        newest[timeframe] = view;
        pace.ask();
      }),
    );
    return () => {
      pace.end();
      for (const end of ends) end();
    };
  }, [client, symbol]);
  return views;
}
